import { readFileSync } from 'node:fs';
import { simulationListSchema } from '@maru/api/wire';
import type { Browser, BrowserContext } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { launchBrowser, settle } from './browser.ts';
import { findBarriers, keepScreen, openPage, openSession } from './open-console.ts';

let browser: Browser;
let context: BrowserContext;

const TEXT = 'Where does the beginning of this prompt live? '.repeat(40);

const call = (method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(`${inject('baseUrl')}${path}`, {
    method,
    headers: { authorization: `Bearer ${inject('masterKey')}`, 'content-type': 'application/json', ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });

beforeAll(async () => {
  browser = await launchBrowser();
  context = await openSession(browser, { language: 'en', theme: 'light' });
  for (let turn = 0; turn < 3; turn += 1) {
    const messages = [{ role: 'user', content: TEXT }];
    await (await call('POST', '/v1/chat/completions', { model: 'sim-8b', max_tokens: 4, messages }, { 'x-maru-session': 'browser-suite' })).text();
  }
});
afterAll(async () => {
  await browser.close();
});

describe('routing', () => {
  it('opens a decision to what would have happened elsewhere, and keeps it in the address', async () => {
    const { page, problems } = await openPage(context, '/routing');

    await page
      .getByRole('table', { name: 'Recent decisions' })
      .getByRole('row', { name: /sim-8b/ })
      .first()
      .getByRole('button')
      .click();
    const panel = page.getByRole('complementary', { name: 'Decision' });
    await panel.getByRole('table', { name: 'What would have happened elsewhere' }).getByText('went here').waitFor();
    await panel.getByRole('table', { name: 'Scores and their parts' }).getByText('Prefill').waitFor();
    await panel
      .getByText(/of \d+ blocks/)
      .first()
      .waitFor();
    for (const theme of ['dark', 'light'] as const) {
      await page.emulateMedia({ colorScheme: theme });
      await page.waitForFunction((wanted) => document.documentElement.dataset['theme'] === wanted, theme);
      await keepScreen(page, `routing-decision-${theme}`);
      expect(await findBarriers(page)).toEqual([]);
    }

    expect(page.url()).toContain('decision=dec');
    await panel.getByRole('button', { name: 'Close' }).click();
    expect(page.url()).not.toContain('decision=');
    expect(problems).toEqual([]);
    await page.close();
  });

  it('finds where a typed text and a session live', async () => {
    const { page, problems } = await openPage(context, '/routing');

    await page.getByLabel('Model', { exact: true }).last().selectOption('sim-8b');
    await page.getByRole('textbox', { name: 'Prompt' }).fill(TEXT);
    await page.getByRole('button', { name: 'Find it' }).click();
    await page
      .getByText(/^[1-9]\d* of \d+ blocks$/)
      .first()
      .waitFor();
    await page.getByRole('textbox', { name: 'Prompt' }).fill('short');
    await page.getByRole('button', { name: 'Find it' }).click();
    await page.getByText('less than one block').waitFor();
    await page.getByRole('radio', { name: 'A session' }).click();
    await page.getByLabel('Session', { exact: true }).selectOption('browser-suite');
    await page.getByRole('button', { name: 'Find it' }).click();
    await page
      .getByText(/^[1-9]\d* of \d+ blocks$/)
      .first()
      .waitFor();
    await keepScreen(page, 'routing-prefix');

    expect(await page.getByRole('img', { name: 'Time to first token' }).count()).toBe(1);
    expect(await findBarriers(page)).toEqual([]);
    expect(problems).toEqual([]);
    await page.close();
  });

  it('says what to do about a decision that is forgotten', async () => {
    const { page } = await openPage(context, '/routing?decision=dec_gone');

    await page.getByRole('complementary', { name: 'Decision' }).getByRole('alert').waitFor();
    await page.close();
  });
});

describe('simulations', () => {
  it('are started in the dialog, watched to their end, compared, downloaded and deleted', async () => {
    const { page, problems } = await openPage(context, '/simulations');

    await page.getByRole('button', { name: 'Start a simulation' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Trace', { exact: true }).selectOption('made:rag');
    await dialog.getByLabel('Requests', { exact: true }).fill('none');
    await dialog.getByText('Write whole numbers above 0').waitFor();
    expect(await dialog.getByRole('button', { name: 'Start' }).isDisabled()).toBe(true);
    await keepScreen(page, 'simulation-dialog');
    expect(await findBarriers(page)).toEqual([]);
    await dialog.getByLabel('Requests', { exact: true }).fill('60');
    await dialog.getByLabel('Speeds').fill('1, 4');
    await dialog.getByLabel('Replicas').fill('2');
    for (const policy of ['round-robin', 'least-request', 'precise-prefix']) await dialog.getByLabel(policy).uncheck();
    await dialog.getByLabel('random').check();
    await dialog.getByRole('button', { name: 'Start' }).click();
    await page.waitForURL(/\/simulations\/sim/);
    await page.getByText('done', { exact: true }).waitFor();
    await page.getByText('4 / 4').waitFor();
    await page.getByLabel('Compare with').selectOption({ index: 1 });
    await page.getByRole('table', { name: /^Compared with/ }).waitFor();
    await settle(page);
    for (const theme of ['dark', 'light'] as const) {
      await page.emulateMedia({ colorScheme: theme });
      await page.waitForFunction((wanted) => document.documentElement.dataset['theme'] === wanted, theme);
      await keepScreen(page, `simulation-${theme}`);
      expect(await findBarriers(page)).toEqual([]);
    }
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Download the report' }).click()]);
    expect(readFileSync(await download.path(), 'utf8')).toContain('Simulated, not measured');
    const address = page.url();

    await page.goto('/simulations');
    await page
      .getByRole('button', { name: /^Delete Questions/ })
      .first()
      .click();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await page.getByRole('button', { name: /^Delete Questions/ }).waitFor({ state: 'detached' });

    expect(address).toContain('with=sim');
    expect(problems).toEqual([]);
    await page.close();
  });

  it('are cancelled while they run, and take an uploaded trace whose mistake is named', async () => {
    const body = { name: 'long one', trace: 'made:agents', requests: 20_000, policies: ['maru'], speeds: [1, 2, 3, 4, 5], replicas: [8] };
    const { id } = (await (await call('POST', '/api/v1/simulations', body)).json()) as { id: string };
    const { page } = await openPage(context, `/simulations/${id}`);
    await page.getByRole('button', { name: 'Cancel' }).click();
    await page.getByRole('button', { name: 'Resume' }).waitFor();

    await page.goto('/simulations');
    await page.getByRole('button', { name: 'Start a simulation' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Upload a trace').setInputFiles({ name: 'mine.jsonl', mimeType: 'application/jsonl', buffer: Buffer.from('{"timestamp": -1}\n') });
    await dialog.locator('option', { hasText: 'mine.jsonl' }).waitFor({ state: 'attached' });
    await dialog.getByRole('button', { name: 'Start' }).click();
    await page.getByRole('alert').waitFor();

    expect(await page.getByRole('alert').textContent()).toContain('line 1');
    await page.close();
  });

  it.each([1280, 1000, 700, 390])('do not make the report scroll sideways at %i pixels, in Korean', async (width) => {
    const { items } = simulationListSchema.parse(await (await call('GET', '/api/v1/simulations')).json());
    const seeded = items.find(({ request }) => request.name === 'seeded');
    const korean = await openSession(browser, { language: 'ko', theme: 'light', width });
    const { page, problems } = await openPage(korean, `/simulations/${seeded?.id}`);
    await page.getByRole('table', { name: '수치' }).waitFor();
    await keepScreen(page, `simulation-ko-${width}`);

    expect(await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)).toBeLessThanOrEqual(0);
    expect(await findBarriers(page)).toEqual([]);
    expect(problems).toEqual([]);
    await korean.close();
  });
});
