import type { Browser, BrowserContext } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { launchBrowser, settle } from './browser.ts';
import { findBarriers, keepScreen, openPage, openSession } from './open-console.ts';

/** Each page with a word that only stands there when its data came. */
const PAGES = [
  { name: 'overview', path: '/', holds: 'sim-8b' },
  { name: 'playground', path: '/playground', holds: 'agent/guide' },
  { name: 'traces', path: '/traces', holds: 'chat reader' },
  { name: 'costs', path: '/costs', holds: 'default' },
  { name: 'evaluations', path: '/evaluations', holds: 'guide-answers' },
  { name: 'evaluation', path: '/evaluations/guide-answers', holds: 'guide' },
  { name: 'models', path: '/models?id=sim-8b', holds: 'sim-8b' },
  { name: 'route', path: '/models?id=auto', holds: 'auto' },
  { name: 'formats', path: '/models?id=sim-8b&tab=formats', holds: 'sim-8b' },
  { name: 'routing', path: '/routing', holds: 'sim-8b-0' },
  { name: 'simulations', path: '/simulations', holds: 'seeded' },
  { name: 'keys', path: '/keys', holds: 'default' },
  { name: 'agents', path: '/agents', holds: 'guide' },
  { name: 'agent', path: '/agents/guide', holds: 'agent/guide' },
  { name: 'knowledge', path: '/knowledge', holds: 'handbook' },
  { name: 'knowledge-base', path: '/knowledge/handbook?q=router', holds: 'reader-embed' },
  { name: 'pipelines', path: '/pipelines', holds: 'ingest-evaluate-publish' },
  { name: 'resources', path: '/resources', holds: 'handbook' },
  { name: 'resource', path: '/resources/Route/auto', holds: 'Model/reader' },
  { name: 'new-resource', path: '/resources/new?kind=Agent', holds: 'my-agent' },
  { name: 'settings', path: '/settings', holds: 'Maru' },
] as const;

describe('the platform under test', () => {
  it('was filled with requests, a run and an evaluation', () => {
    expect(inject('seedProblem')).toBe('');
  });
});

describe.each(['en', 'ko'] as const)('console in %s', (language) => {
  let browser: Browser;
  let context: BrowserContext;

  beforeAll(async () => {
    browser = await launchBrowser();
    context = await openSession(browser, { language, theme: 'light' });
  });
  afterAll(async () => {
    await browser.close();
  });

  it.each(PAGES)('shows $name with real data in light and dark, without errors or barriers', async ({ name, path, holds }) => {
    const { page, problems } = await openPage(context, path);
    await page.locator('main').getByText(holds).first().waitFor();

    for (const theme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme: theme });
      await page.waitForFunction((wanted) => document.documentElement.dataset['theme'] === wanted, theme);
      await settle(page);
      await keepScreen(page, `${name}-${language}-${theme}`);
      expect(await findBarriers(page)).toEqual([]);
    }

    await page.setViewportSize({ width: 1280, height: 1000 });
    await settle(page);
    const cut = page.locator('div:has(> table)').filter({ visible: true });
    expect(await cut.evaluateAll((tables) => tables.filter((table) => table.scrollWidth > table.clientWidth).map((table) => table.textContent))).toEqual([]);

    expect(await page.evaluate(() => document.documentElement.lang)).toBe(language);
    expect(await page.getByRole('alert').count()).toBe(0);
    expect(problems).toEqual([]);
    await page.close();
  });
});

describe.each(['en', 'ko'] as const)('figures of the overview in %s', (language) => {
  it('stand in full at 1440 pixels', async () => {
    const browser = await launchBrowser();
    const { page } = await openPage(await openSession(browser, { language, theme: 'light' }), '/');

    const figures = page.locator('main section').first().locator('a span');
    const cut = await figures.evaluateAll((spans) => spans.filter((span) => span.scrollWidth > span.clientWidth + 1).map((span) => span.textContent));

    expect(await figures.count()).toBeGreaterThan(10);
    expect(cut).toEqual([]);
    await browser.close();
  });
});

describe('narrow windows', () => {
  let browser: Browser;
  let context: BrowserContext;

  beforeAll(async () => {
    browser = await launchBrowser();
    context = await openSession(browser, { language: 'en', theme: 'light' });
  });
  afterAll(async () => {
    await browser.close();
  });

  it.each(['/', '/playground', '/traces', '/models?id=sim-8b', '/agents/guide', '/keys', '/costs', '/routing', '/simulations', '/settings'])(
    'do not make %s scroll sideways',
    async (path) => {
      const { page, problems } = await openPage(context, path);

      for (const width of [1000, 700, 390]) {
        await page.setViewportSize({ width, height: 1000 });
        await settle(page);
        await keepScreen(page, `${path.replace(/\W+/g, '-').replace(/^-|-$/g, '') || 'overview'}-${width}`);
        const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
        expect(overflow, `at ${width} pixels`).toBeLessThanOrEqual(0);
      }

      expect(problems).toEqual([]);
      await page.close();
    },
  );
});
