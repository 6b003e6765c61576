// Takes the pictures of the README from a platform that has really served what they show: `npm run picture`.
import { mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { startPlatformProcess } from '../harness/platform-process.ts';
import { launchBrowser, settle } from './browser.ts';
import { waitForDocuments } from './documents-ready.ts';
import { sendTraffic } from './picture/traffic.ts';

const images = process.env['MARU_PICTURE_DIR'] ?? join(import.meta.dirname, '../../docs/images');
const SECONDS = Number(process.env['MARU_PICTURE_SECONDS'] ?? '600');
const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const QUESTION = '스팟 인스턴스가 회수되면 어떻게 해야 하나요?';

const dataDir = mkdtempSync(join(tmpdir(), 'maru-picture-'));
const platform = await startPlatformProcess({
  dataDir,
  files: [join(import.meta.dirname, 'picture/stack.yaml')],
  environment: { MARU_CAPTURE_CONTENT: 'true' },
});
try {
  const browser = await launchBrowser();
  try {
    await takePictures(browser);
  } finally {
    await browser.close();
  }
} finally {
  await platform.stop('SIGTERM');
  rmSync(dataDir, { recursive: true, force: true });
}

async function takePictures(browser: Browser): Promise<void> {
  await waitForDocuments(() => call('GET', '/api/v1/knowledge'));
  const keys = { support: await createKey('support'), research: await createKey('research') };
  await call('POST', '/api/v1/evaluations/support-answers/runs', {});
  const traffic = sendTraffic({ baseUrl: platform.url, keys, seconds: SECONDS, perSecond: 4 });
  await wait(Math.max(10, SECONDS - 15) * 1000);
  await setBudgetNearSpend('support');
  const asked = await fetch(`${platform.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${keys.research}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'agent/guide', messages: [{ role: 'user', content: QUESTION }] }),
  });
  await asked.text();
  const overview = await openPage(browser, { path: '/?range=15m', language: 'en', theme: 'light', height: 1000 });
  await save(overview, 'overview.png');
  const traceId = asked.headers.get('x-maru-trace-id') ?? '';
  while (!(await fetch(`${platform.url}/api/v1/traces/${traceId}`, { headers: { authorization: `Bearer ${platform.key}` } })).ok) await wait(200);
  const trace = await openPage(browser, { path: `/traces/${traceId}`, language: 'ko', theme: 'dark', height: 760 });
  await trace
    .getByRole('table')
    .getByRole('button', { name: /engine/ })
    .last()
    .click();
  await settle(trace);
  await save(trace, 'trace-ko-dark.png');
  process.stdout.write(`${await traffic} requests were sent in ${SECONDS} s\n`);
}

async function openPage(browser: Browser, look: { path: string; language: 'en' | 'ko'; theme: 'light' | 'dark'; height: number }): Promise<Page> {
  const context = await browser.newContext({
    baseURL: platform.url,
    viewport: { width: 1440, height: look.height },
    locale: look.language === 'ko' ? 'ko-KR' : 'en-US',
    timezoneId: 'Asia/Seoul',
    colorScheme: look.theme,
    reducedMotion: 'reduce',
  });
  await context.request.post('/api/v1/session', { data: { key: platform.key }, headers: { 'x-maru-console': '1' } });
  const page = await context.newPage();
  await page.goto(look.path);
  await settle(page);
  await page.waitForTimeout(1000);
  return page;
}

async function save(page: Page, name: string): Promise<void> {
  mkdirSync(images, { recursive: true });
  const path = join(images, name);
  await page.screenshot({ path });
  process.stdout.write(`${path}: ${Math.round(statSync(path).size / 1024)} KiB\n`);
}

async function call(method: string, path: string, body?: unknown): Promise<unknown> {
  const response = await fetch(`${platform.url}${path}`, {
    method,
    headers: { authorization: `Bearer ${platform.key}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${await response.text()}`);
  return response.json();
}

/** A month's budget of which 87% is spent: what a team near its limit looks like. */
async function setBudgetNearSpend(tenant: string): Promise<void> {
  const { rows } = (await call('GET', '/api/v1/costs?by=tenant')) as { rows: { group: string; costNanoUsd: number }[] };
  const usd = (rows.find((row) => row.group === tenant)?.costNanoUsd ?? 0) / 1e9 / 0.87;
  const budget = `{ usd: ${usd.toFixed(2)}, window: month, mode: hard, warnAtPercent: 80 }`;
  await call('POST', '/api/v1/resources:apply', {
    yaml: `apiVersion: maru.dev/v1alpha1\nkind: Tenant\nmetadata:\n  name: ${tenant}\nspec:\n  budgets:\n    - ${budget}\n`,
  });
}

async function createKey(tenant: string): Promise<string> {
  const { secret } = (await call('POST', '/api/v1/keys', { name: `${tenant} applications`, tenant })) as { secret: string };
  return secret;
}
