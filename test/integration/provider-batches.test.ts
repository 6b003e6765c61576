import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { BatchProvider } from '../harness/batch-forms.ts';
import { startBatchProvider } from '../harness/batch-provider.ts';
import { type PlatformProcess, startPlatformProcess } from '../harness/platform-process.ts';

let provider: BatchProvider;
let platform: PlatformProcess;
const dataDir = mkdtempSync(join(tmpdir(), 'maru-provider-batches-'));
const file = join(dataDir, 'stack.yaml');

const model = (name: string, kind: string, baseUrl = provider.url): string => `apiVersion: maru.dev/v1alpha1
kind: Model
metadata: {name: ${name}}
spec:
  provider: {name: ${kind}, model: vendor-${name}, baseUrl: "${baseUrl}", apiKey: {env: BATCH_KEY}, batchApi: true}
  price: {inputUsdPerMillion: 10, outputUsdPerMillion: 100}
---
`;
const start = (): Promise<PlatformProcess> => startPlatformProcess({ dataDir, files: [file], environment: { BATCH_KEY: 'sk-batch' } });

beforeAll(async () => {
  provider = await startBatchProvider();
  writeFileSync(
    file,
    `${model('gpt', 'openai')}${model('claude', 'anthropic')}${model('deployed', 'azure', provider.origin)}${model('large', 'mistral')}${model('pro', 'gemini')}apiVersion: maru.dev/v1alpha1
kind: Route
metadata: {name: night}
spec:
  backends: [{model: claude}]
  guardrails: [{name: words, type: deny, at: [before], phrases: [forbidden]}]
`,
  );
  platform = await start();
}, 60_000);

afterAll(async () => {
  await platform.stop('SIGTERM');
  await provider.close();
  rmSync(dataDir, { recursive: true, force: true });
});

const headers = (): Record<string, string> => ({ authorization: `Bearer ${platform.key}` });
const call = async (path: string, init: RequestInit = {}): Promise<Record<string, unknown>> =>
  (await (await fetch(platform.url + path, { ...init, headers: { ...headers(), ...(init.headers as Record<string, string> | undefined) } })).json()) as Record<
    string,
    unknown
  >;
async function submit(requests: readonly (readonly [string, string])[]): Promise<string> {
  const lines = requests.map(([name, content], index) =>
    JSON.stringify({
      custom_id: `line-${index}`,
      method: 'POST',
      url: '/v1/chat/completions',
      body: { model: name, max_tokens: 50, messages: [{ role: 'user', content }] },
    }),
  );
  const form = new FormData();
  form.set('purpose', 'batch');
  form.set('file', new Blob([lines.join('\n')]), 'in.jsonl');
  const { id } = await call('/v1/files', { method: 'POST', body: form });
  const body = JSON.stringify({ input_file_id: id, endpoint: '/v1/chat/completions', completion_window: '24h' });
  return String((await call('/v1/batches', { method: 'POST', body, headers: { 'content-type': 'application/json' } }))['id']);
}
async function until<T>(look: () => Promise<T | undefined>): Promise<T> {
  const endMs = performance.now() + 60_000;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (performance.now() > endMs) throw new TypeError('the state was not reached');
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
const over = (id: string): Promise<Record<string, unknown>> =>
  until(async () => {
    const batch = await call(`/v1/batches/${id}`);
    return batch['status'] === 'completed' || batch['status'] === 'failed' ? batch : undefined;
  });
const linesOf = async (id: unknown): Promise<{ custom_id: string; response: { body: { choices: { message: { content: string } }[] } } }[]> => {
  const text = await (await fetch(`${platform.url}/v1/files/${String(id)}/content`, { headers: headers() })).text();
  return text.trim() === ''
    ? []
    : text
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as never);
};

describe('a batch of models whose providers have a batch API', () => {
  it('goes there once, over kill -9 and a lost answer, and is charged once at the price of batches', async () => {
    provider.loseAnswers = 5;
    const id = await submit([
      ['gpt', 'one'],
      ['night', 'two'],
      ['gpt', 'three'],
      ['night', 'wrong'],
      ['night', 'a forbidden word'],
      ['deployed', 'six'],
      ['large', 'seven'],
      ['pro', 'eight'],
      ['pro', 'wrong'],
    ]);
    await until(async () => (provider.batches.length >= 5 ? true : undefined));
    await platform.stop('SIGKILL');
    platform = await start();
    provider.end();
    const batch = await over(id);

    expect(batch).toMatchObject({ status: 'completed', request_counts: { total: 9, completed: 6, failed: 3 } });
    expect(provider.batches.map(({ form, requests }) => [form, requests.length]).sort()).toEqual([
      ['anthropic', 2],
      ['gemini', 2],
      ['mistral', 1],
      ['openai', 1],
      ['openai', 2],
    ]);
    expect(provider.direct).toBe(0);
    // The line that a guardrail refuses never leaves; the others go in the words of their provider.
    expect(JSON.stringify(provider.batches)).not.toContain('forbidden');
    expect(provider.batches.flatMap(({ requests }) => requests.map(({ body }) => body['model'])).sort()).toEqual([
      'vendor-claude',
      'vendor-claude',
      'vendor-deployed',
      'vendor-gpt',
      'vendor-gpt',
      'vendor-large',
      'vendor-pro',
      'vendor-pro',
    ]);
    const answers = await linesOf(batch['output_file_id']);
    expect(answers.map((line) => [line.custom_id, line.response.body.choices[0]?.message.content])).toEqual([
      ['line-0', 're: one'],
      ['line-1', 're: two'],
      ['line-2', 're: three'],
      ['line-5', 're: six'],
      ['line-6', 're: seven'],
      ['line-7', 're: eight'],
    ]);
    expect((await linesOf(batch['error_file_id'])).map((line) => line.custom_id)).toEqual(['line-3', 'line-4', 'line-8']);

    const charges = await until(async () => {
      const { items } = (await call('/api/v1/charges')) as { items: { model: string; costNanoUsd: number }[] };
      return items.length >= 6 ? items : undefined;
    });
    // 100 and 10 tokens at 10 and 100 dollars a million, by half.
    expect(charges.map(({ model: of, costNanoUsd }) => [of, costNanoUsd]).sort()).toEqual([
      ['claude', 1_000_000],
      ['deployed', 1_000_000],
      ['gpt', 1_000_000],
      ['gpt', 1_000_000],
      ['large', 1_000_000],
      ['pro', 1_000_000],
    ]);
  }, 120_000);
});
