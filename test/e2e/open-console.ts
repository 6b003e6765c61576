import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { inject } from 'vitest';
import { settle } from './browser.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const screens = join(root, 'test-results/screens');
const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

type Language = 'en' | 'ko';
type Theme = 'light' | 'dark';

export interface Look {
  readonly language: Language;
  readonly theme: Theme;
  readonly width?: number;
}

/** A page of the console that remembers what went wrong in it. */
export interface OpenPage {
  readonly page: Page;
  readonly problems: readonly string[];
}

/** A browser context without a session. */
export async function openContext(browser: Browser, { language, theme, width = 1440 }: Look): Promise<BrowserContext> {
  const context = await browser.newContext({
    baseURL: inject('baseUrl'),
    viewport: { width, height: 1000 },
    locale: language === 'ko' ? 'ko-KR' : 'en-US',
    colorScheme: theme,
    reducedMotion: 'reduce',
  });
  return context;
}

/** A browser context that is logged in with the master key. */
export async function openSession(browser: Browser, look: Look): Promise<BrowserContext> {
  const context = await openContext(browser, look);
  const response = await context.request.post('/api/v1/session', { data: { key: inject('masterKey') }, headers: { 'x-maru-console': '1' } });
  if (!response.ok()) throw new Error(`login answered ${response.status()}: ${await response.text()}`);
  return context;
}

/** Opens a path and waits until its data is there. */
export async function openPage(context: BrowserContext, path: string): Promise<OpenPage> {
  const page = await context.newPage();
  const problems: string[] = [];
  page.on('console', (message) => {
    // The playground asks for the trace of an answer until its spans are written.
    if (/\/api\/v1\/traces\/[0-9a-f]{32}$/.test(message.location().url) && message.text().includes('404')) return;
    if (message.type() === 'error' || message.type() === 'warning') problems.push(message.text());
  });
  page.on('pageerror', (error) => problems.push(error.message));
  await page.goto(path);
  await settle(page);
  return { page, problems };
}

/** Serious and critical findings of axe, one line each. */
export async function findBarriers(page: Page): Promise<readonly string[]> {
  await page.evaluate(axeSource);
  return page.evaluate(async () => {
    const { axe } = globalThis as unknown as {
      axe: { run(): Promise<{ violations: { id: string; impact: string; nodes: { html: string; failureSummary?: string }[] }[] }> };
    };
    const { violations } = await axe.run();
    return violations
      .filter((violation) => violation.impact === 'serious' || violation.impact === 'critical')
      .flatMap((violation) => violation.nodes.map((node) => `${violation.id}: ${node.html.slice(0, 160)} ${(node.failureSummary ?? '').slice(0, 200)}`));
  });
}

/** Keeps a picture under `test-results/screens`. */
export async function keepScreen(page: Page, name: string): Promise<void> {
  mkdirSync(screens, { recursive: true });
  await page.screenshot({ path: join(screens, `${name}.png`) });
}
