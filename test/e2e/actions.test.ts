import { readFileSync } from 'node:fs';
import type { Browser, BrowserContext } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { launchBrowser, settle } from './browser.ts';
import { findBarriers, keepScreen, openContext, openPage, openSession } from './open-console.ts';

const CAREFUL_AGENT = `apiVersion: maru.dev/v1alpha1
kind: Agent
metadata:
  name: careful
spec:
  model: reader
  instructions: Search the knowledge first.
  tools:
    - type: knowledge
      knowledgeBase: handbook
  approvals: [search-knowledge]
`;

let browser: Browser;
let context: BrowserContext;

beforeAll(async () => {
  browser = await launchBrowser();
  context = await openSession(browser, { language: 'en', theme: 'light' });
});
afterAll(async () => {
  await browser.close();
});

async function applyYaml(yaml: string): Promise<void> {
  const response = await fetch(`${inject('baseUrl')}/api/v1/resources:apply`, {
    method: 'POST',
    headers: { authorization: `Bearer ${inject('masterKey')}`, 'content-type': 'application/json' },
    body: JSON.stringify({ yaml }),
  });
  expect(response.status, await response.text()).toBe(200);
}

describe('login', () => {
  it('asks for a key, refuses a wrong one and takes the master key', async () => {
    const stranger = await openContext(browser, { language: 'en', theme: 'light' });
    const { page } = await openPage(stranger, '/');

    await page.getByLabel('Key').fill('sk-wrong');
    await page.getByRole('button', { name: 'Log in' }).click();
    await page.getByRole('alert').waitFor();
    await keepScreen(page, 'login');
    expect(await findBarriers(page)).toEqual([]);
    await page.getByLabel('Key').fill(inject('masterKey'));
    await page.getByRole('button', { name: 'Log in' }).click();

    await page.getByRole('heading', { name: 'Overview' }).waitFor();
    await stranger.close();
  });

  it('works once with the address that the platform prints', async () => {
    const stranger = await openContext(browser, { language: 'en', theme: 'light' });
    const { page } = await openPage(stranger, inject('loginUrl'));

    await page.getByRole('heading', { name: 'Overview' }).waitFor();
    expect(page.url()).not.toContain('login=');
    await stranger.close();
  });
});

describe('playground', () => {
  it('answers with sources, the route decision and the cost, and opens a cited passage', async () => {
    const { page, problems } = await openPage(context, '/playground?model=agent/guide');

    await page.getByRole('textbox', { name: 'Question' }).fill('What is the engine twin?');
    await page.keyboard.press('Enter');
    await page.getByRole('list', { name: 'Sources' }).waitFor();
    await page.getByRole('list', { name: 'Sources' }).getByRole('button').first().click();
    await page.getByRole('region', { name: 'Source 1' }).waitFor();
    await page.getByRole('link', { name: 'Open the trace' }).waitFor();
    await page.locator('th:visible', { hasText: 'Candidate' }).first().waitFor();
    await keepScreen(page, 'playground-answer');

    expect(await page.locator('blockquote').first().textContent()).toContain('twin');
    expect(await findBarriers(page)).toEqual([]);
    expect(problems).toEqual([]);
    await page.close();
  });

  it('says what an answer has cost within two seconds', async () => {
    const { page } = await openPage(context, '/playground?model=sim-8b');

    await page.getByRole('textbox', { name: 'Question' }).fill('Say one word.');
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: /^First token .* Total/ }).waitFor();
    const cost = page.getByRole('complementary', { name: 'Details' }).locator('dl > div', { hasText: /^Cost/ });
    await cost.getByText(/^\$0\.0\d+$/).waitFor({ timeout: 2000 });

    await page.close();
  });

  it.each(['Messages', 'Responses', 'Gemini'])('asks over %s, and gives the request as code', async (api) => {
    const { page, problems } = await openPage(context, '/playground?model=sim-8b');

    await page.getByRole('button', { name: 'Settings' }).click();
    await page.getByRole('radio', { name: api }).click();
    await page.getByRole('textbox', { name: 'Question' }).fill('Say one word.');
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: /^First token .* Total/ }).waitFor();
    const details = page.getByRole('complementary', { name: 'Details' });
    await details.getByRole('radio', { name: 'Python' }).click();
    await details.getByText('Tokens and cost').waitFor();

    expect(await page.locator('article .prose p').first().textContent()).toContain('simulated');
    expect(await details.getByRole('textbox', { name: 'The request as code' }).inputValue()).toContain('MARU_KEY');
    expect(await findBarriers(page)).toEqual([]);
    expect(problems).toEqual([]);
    await page.close();
  });

  it('does not send settings that are not JSON', async () => {
    const { page } = await openPage(context, '/playground?model=sim-8b');

    await page.getByRole('button', { name: 'Settings' }).click();
    await page.getByLabel('Tools, JSON').fill('[{');
    await page.getByRole('textbox', { name: 'Question' }).fill('Hello');
    await page.keyboard.press('Enter');

    await page.getByText('Write a list of functions').waitFor();
    expect(await page.locator('article').count()).toBe(0);
    await page.close();
  });

  it('stops an answer that is being made', async () => {
    const { page } = await openPage(context, '/playground?model=sim-8b');

    await page.getByRole('textbox', { name: 'Question' }).fill('Tell a very long story about a cache, with every detail.');
    await page.keyboard.press('Enter');
    await page.locator('article .prose p').first().waitFor();
    await page.getByRole('button', { name: 'Stop' }).click();

    await page.getByText('Stopped.').waitFor();
    await page.getByRole('button', { name: 'Send' }).waitFor();
    await page.close();
  });
});

describe('traces', () => {
  it('keeps filters in the address and opens a trace with its spans', async () => {
    const { page, problems } = await openPage(context, '/traces');

    await page.getByRole('searchbox').fill('guide');
    await page.waitForURL(/text=guide/);
    await page.getByRole('link', { name: /guide/ }).first().click();
    await page.waitForURL(/\/traces\/[0-9a-f]+/);
    await settle(page);
    await page
      .getByRole('table', { name: 'Spans in time' })
      .getByRole('button', { name: /search/ })
      .first()
      .click();
    await page.getByRole('tab', { name: 'Attributes' }).click();
    await keepScreen(page, 'trace');

    expect(page.url()).toContain('tab=raw');
    expect(await findBarriers(page)).toEqual([]);
    expect(problems).toEqual([]);
    await page.close();
  });

  it('says what to do when a trace does not exist', async () => {
    const { page } = await openPage(context, '/traces/00000000000000000000000000000000');

    await page.getByRole('alert').waitFor();
    expect(await page.getByRole('button', { name: 'Try again' }).count()).toBe(1);
    await page.close();
  });
});

describe('keys', () => {
  it('are created, shown once, and revoked', async () => {
    const { page, problems } = await openPage(context, '/keys');

    await page.getByRole('button', { name: 'Create a key' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('button', { name: 'Create a key' }).click();
    await dialog.getByText('Give it a name').waitFor();
    await dialog.getByLabel('Name').fill('browser suite');
    await dialog.getByLabel('Requests per minute').fill('60');
    await dialog.getByRole('button', { name: 'Create a key' }).click();
    const secret = await dialog.locator('code').textContent();
    await keepScreen(page, 'key-created');
    await dialog.getByRole('button', { name: 'Done' }).click();

    await page.getByRole('button', { name: 'browser suite', exact: true }).click();
    const panel = page.getByRole('complementary', { name: 'browser suite' });
    await panel.getByText('Requests per minute').waitFor();
    await panel.getByRole('button', { name: 'Block' }).click();
    await panel.getByText('blocked').waitFor();
    const asked = await fetch(`${inject('baseUrl')}/v1/models`, { headers: { authorization: `Bearer ${secret}` } });
    expect(asked.status).toBe(403);
    await panel.getByRole('button', { name: 'Unblock' }).click();
    await panel.getByRole('button', { name: 'Rotate' }).click();
    await dialog.getByLabel('The old secret works').selectOption('none');
    await dialog.getByRole('button', { name: 'Rotate' }).click();
    const rotated = await dialog.locator('code').textContent();
    await dialog.getByRole('button', { name: 'Done' }).click();
    await keepScreen(page, 'key-panel');
    expect(rotated).toMatch(/^sk-/);
    expect(rotated).not.toBe(secret);
    expect(await findBarriers(page)).toEqual([]);
    await panel.getByRole('button', { name: 'Close' }).click();

    await page.getByRole('button', { name: 'Revoke the key browser suite?' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click();
    await page.getByText('revoked').first().waitFor();

    expect(secret).toMatch(/^sk-/);
    const refused = await fetch(`${inject('baseUrl')}/v1/models`, { headers: { authorization: `Bearer ${secret}` } });
    expect(refused.status).toBe(401);
    expect(problems).toEqual([]);
    await page.close();
  });
});

describe('resources', () => {
  it('show a mistake in place and apply what is correct', async () => {
    const { page, problems } = await openPage(context, '/resources/new?kind=Tenant');
    const editor = page.getByRole('textbox', { name: 'Resource as YAML' });

    await editor.click();
    await page.keyboard.press('ControlOrMeta+a');
    await page.keyboard.insertText('apiVersion: maru.dev/v1alpha1\nkind: Tenant\nmetadata:\n  name: browser-suite\nspec:\n  budgetz: []\n');
    await page.locator('.cm-lintRange-error').waitFor();
    await page.getByRole('list', { name: 'Problems' }).getByText('6:').waitFor();
    await keepScreen(page, 'resource-problem');
    expect(await page.getByRole('button', { name: 'Apply' }).isDisabled()).toBe(true);
    expect(await findBarriers(page)).toEqual([]);

    await editor.click();
    await page.keyboard.press('ControlOrMeta+a');
    await page.keyboard.insertText('apiVersion: maru.dev/v1alpha1\nkind: Tenant\nmetadata:\n  name: browser-suite\nspec:\n  description: made by a test\n');
    await page.getByText('No problems').waitFor();
    await page.getByRole('button', { name: 'Apply' }).click();
    await page.waitForURL(/\/resources\/Tenant\/browser-suite/);
    await page.getByRole('button', { name: 'Delete' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await page.waitForURL(/\/resources$/);

    expect(problems).toEqual([]);
    await page.close();
  });
});

describe('knowledge', () => {
  it('finds passages and marks the words, in English and Korean', async () => {
    const { page, problems } = await openPage(context, '/knowledge/handbook');

    for (const [question, word] of [
      ['prefix cache', 'cache'],
      ['스팟 인스턴스', '스팟'],
    ] as const) {
      await page.getByRole('searchbox', { name: 'Question or words' }).fill(question);
      await page.keyboard.press('Enter');
      await page
        .locator('mark', { hasText: new RegExp(word, 'i') })
        .first()
        .waitFor();
    }
    await keepScreen(page, 'knowledge-search');

    expect(problems).toEqual([]);
    await page.close();
  });
});

describe('agents', () => {
  it('run a task and show its steps', async () => {
    const { page, problems } = await openPage(context, '/agents/guide');

    await page.getByLabel('Task').fill('What is the engine twin?');
    await page.getByRole('button', { name: 'Run', exact: true }).click();
    const panel = page.getByRole('complementary', { name: 'Run' });
    await panel.getByText('done', { exact: true }).first().waitFor();
    await panel.locator('summary').first().click();
    await keepScreen(page, 'agent-run');

    expect(await panel.locator('summary').count()).toBeGreaterThan(1);
    expect(await findBarriers(page)).toEqual([]);
    expect(problems).toEqual([]);
    await page.close();
  });
});

describe('runs', () => {
  it('of an evaluation are started on its page and end with a verdict', async () => {
    const { page, problems } = await openPage(context, '/evaluations/guide-answers');

    await page.getByRole('button', { name: 'Start a run' }).click();
    await page.waitForURL(/run=/);
    await page.locator('main').getByText('passed', { exact: true }).first().waitFor();

    expect(problems).toEqual([]);
    await page.close();
  });

  it('of a pipeline are started in its row and go through the gate', async () => {
    const { page, problems } = await openPage(context, '/pipelines');

    await page.getByRole('button', { name: 'Start', exact: true }).click();
    const panel = page.getByRole('complementary', { name: 'Run' });
    await panel.getByText('done', { exact: true }).first().waitFor();
    await keepScreen(page, 'pipeline-run');

    expect(await panel.getByText('publish').count()).toBeGreaterThan(0);
    expect(await findBarriers(page)).toEqual([]);
    expect(problems).toEqual([]);
    await page.close();
  });

  it('that wait for a person are cancelled', async () => {
    await applyYaml(CAREFUL_AGENT);
    const { page, problems } = await openPage(context, '/agents/careful');

    await page.getByLabel('Task').fill('What is the engine twin?');
    await page.getByRole('button', { name: 'Run', exact: true }).click();
    const panel = page.getByRole('complementary', { name: 'Run' });
    await panel.getByRole('button', { name: 'Allow the call' }).waitFor();
    await keepScreen(page, 'run-approval');
    expect(await findBarriers(page)).toEqual([]);
    await panel.getByRole('button', { name: 'Cancel the run' }).click();
    await panel.getByText('cancelled', { exact: true }).first().waitFor();

    expect(await panel.getByRole('button', { name: 'Resume' }).count()).toBe(1);
    expect(problems).toEqual([]);
    await page.close();
  });
});

describe('costs', () => {
  it('are downloaded as a table with every number in full', async () => {
    const { page, problems } = await openPage(context, '/costs?by=model');

    const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Download CSV' }).click()]);
    const [head = '', ...rows] = readFileSync(await download.path(), 'utf8')
      .trim()
      .split('\r\n');

    expect(download.suggestedFilename()).toBe('maru-costs-by-model.csv');
    expect(head).toContain('group,label,requests,errors,prompt_tokens,completion_tokens,input_tokens');
    expect(rows.find((row) => row.startsWith('sim-8b,'))).toMatch(/,\d+\.\d{9},\d+,true$/);
    expect(problems).toEqual([]);
    await page.close();
  });
});

describe('keyboard', () => {
  it('jumps with g and a letter, searches with Ctrl K and helps with ?', async () => {
    const { page, problems } = await openPage(context, '/');

    await page.keyboard.press('g');
    await page.keyboard.press('t');
    await page.waitForURL(/\/traces/);
    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: 'Keyboard shortcuts' }).waitFor();
    await page.keyboard.press('Escape');
    await page.keyboard.press('ControlOrMeta+k');
    await page.getByRole('combobox').fill('handbook');
    await page
      .getByRole('option', { name: /handbook/ })
      .first()
      .waitFor();
    await keepScreen(page, 'palette');
    await page.keyboard.press('Enter');
    await page.waitForURL(/\/(knowledge|resources)\//);

    expect(problems).toEqual([]);
    await page.close();
  });

  it('reaches the content with the skip link', async () => {
    const { page } = await openPage(context, '/');

    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');

    expect(await page.evaluate(() => document.activeElement?.id)).toBe('content');
    await page.close();
  });
});

describe('language and theme', () => {
  it('change at once and stay after a reload', async () => {
    const own = await openSession(browser, { language: 'en', theme: 'light' });
    const { page } = await openPage(own, '/settings');

    await page.getByRole('radio', { name: '한국어' }).click();
    await page.getByRole('radio', { name: '어둡게' }).click();
    await page.reload();
    await page.getByRole('heading', { name: '설정' }).waitFor();

    expect(await page.evaluate(() => document.documentElement.dataset['theme'])).toBe('dark');
    await own.close();
  });
});

describe('a route', () => {
  it('says what it does with a request, and why the last ones went where they went', async () => {
    const { page, problems } = await openPage(context, '/models?id=auto');

    const panel = page.getByRole('complementary', { name: 'auto' });
    await panel.getByRole('region', { name: 'Backends' }).waitFor();
    await panel.getByRole('region', { name: 'When something fails' }).getByText('Retries').waitFor();
    await keepScreen(page, 'route-panel');
    expect(await findBarriers(page)).toEqual([]);
    await panel.getByRole('tab', { name: 'Why it went there' }).click();
    await panel.locator('summary').first().click();
    await panel.getByRole('link', { name: 'Open the trace' }).first().waitFor();

    expect(page.url()).toContain('tab=why');
    expect(problems).toEqual([]);
    await page.close();
  });
});

describe('batches', () => {
  it('take a JSONL file, show its lines, and give the output', async () => {
    const { page, problems } = await openPage(context, '/batches');
    const line = (id: string): string =>
      JSON.stringify({
        custom_id: id,
        method: 'POST',
        url: '/v1/chat/completions',
        body: { model: 'sim-8b', max_tokens: 4, messages: [{ role: 'user', content: id }] },
      });

    await page.getByRole('button', { name: 'Start a batch' }).first().click();
    const dialog = page.getByRole('dialog');
    await dialog
      .getByLabel('File')
      .setInputFiles({ name: 'questions.jsonl', mimeType: 'application/jsonl', buffer: Buffer.from(`${line('a')}\n${line('b')}\n`) });
    expect(await findBarriers(page)).toEqual([]);
    await dialog.getByRole('button', { name: 'Start a batch' }).click();
    await page.getByText('2 / 2').waitFor({ timeout: 30_000 });
    await page.getByText('questions.jsonl').waitFor();
    await keepScreen(page, 'batches');
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Output', exact: true }).click()]);
    const lines = readFileSync(await download.path(), 'utf8')
      .trim()
      .split('\n');

    expect(lines.map((text) => (JSON.parse(text) as { custom_id: string }).custom_id)).toEqual(['a', 'b']);
    expect(await findBarriers(page)).toEqual([]);
    expect(problems).toEqual([]);
    await page.close();
  });
});
