import { isPlatformError } from '@maru/api/errors';
import { afterEach, describe, expect, it } from 'vitest';
import { answerJson, startFakeUpstream } from '../../../../../test/conformance/fake-upstream.ts';
import type { BatchProvider } from '../../../../../test/harness/batch-forms.ts';
import { startBatchProvider } from '../../../../../test/harness/batch-provider.ts';
import { PROVIDER_TABLE } from '../providers/provider-table.ts';
import type { BatchApi, BatchApiResult } from './batch-api.ts';
import { createBatchApi } from './create-batch-api.ts';

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

const KEY = 'sk-batch-key';
const PROVIDERS = ['openai', 'azure', 'anthropic', 'mistral', 'gemini'] as const;
type Provider = (typeof PROVIDERS)[number];
const SENT_KEYS: Readonly<Record<Provider, string>> = { openai: `Bearer ${KEY}`, azure: KEY, anthropic: KEY, mistral: `Bearer ${KEY}`, gemini: KEY };
const apiAt = (baseUrl: string, provider: Provider | 'cohere'): BatchApi =>
  createBatchApi({
    model: 'm',
    endpoint: 'm',
    provider,
    servedName: 'x',
    entry: PROVIDER_TABLE[provider],
    baseUrl,
    apiKey: KEY,
    headers: {},
    timeoutMs: 5000,
    clock: { sleep: () => Promise.resolve() },
  });
async function start(provider: Provider): Promise<{ readonly vendor: BatchProvider; readonly api: BatchApi }> {
  const vendor = await startBatchProvider();
  const api = apiAt(provider === 'azure' ? vendor.origin : vendor.url, provider);
  closers.push(
    () => api.close(),
    () => vendor.close(),
  );
  return { vendor, api };
}
const { signal } = new AbortController();
const ask = (provider: Provider, content: string): Readonly<Record<string, unknown>> =>
  provider === 'gemini' ? { contents: [{ role: 'user', parts: [{ text: content }] }] } : { model: 'x', messages: [{ role: 'user', content }] };
const partFor =
  (provider: Provider) =>
  (token: string, ...questions: readonly string[]) => ({
    token,
    operation: 'chat' as const,
    lines: questions.map((content, index) => ({ id: `${token}-${index}`, body: JSON.stringify(ask(provider, content)) })),
  });
const all = async (results: AsyncIterable<BatchApiResult>): Promise<readonly BatchApiResult[]> => {
  const list: BatchApiResult[] = [];
  for await (const result of results) list.push(result);
  return list;
};
const codeOf = async (work: Promise<unknown>): Promise<string | undefined> => {
  try {
    await work;
    return undefined;
  } catch (error) {
    return isPlatformError(error) ? error.code : String(error);
  }
};

describe.each(PROVIDERS)('the batch API of %s', (provider) => {
  const part = partFor(provider);

  it('takes requests as they are, with the key of the provider', async () => {
    const { vendor, api } = await start(provider);

    await api.submit(part('bpart_1', 'one\n"two" ≥', 'three'), signal);

    expect(vendor.batches[0]?.requests).toEqual([
      { id: 'bpart_1-0', body: { model: 'x', ...ask(provider, 'one\n"two" ≥') } },
      { id: 'bpart_1-1', body: { model: 'x', ...ask(provider, 'three') } },
    ]);
    expect([...vendor.keys]).toEqual([SENT_KEYS[provider]]);
  });

  it('ends, and gives an answer per request', async () => {
    const { vendor, api } = await start(provider);
    const id = await api.submit(part('bpart_1', 'one', 'two'), signal);
    expect(await api.look(id, signal)).toEqual({ ended: false });

    vendor.end();

    expect(await api.look(id, signal)).toEqual({ ended: true });
    const results = await all(api.results(id, signal));
    expect(results.map((result) => [result.id, result.status]).sort()).toEqual([
      ['bpart_1-0', 200],
      ['bpart_1-1', 200],
    ]);
    expect(JSON.stringify(results)).toContain('re: one');
  });

  it('finds a batch whose submission was not answered', async () => {
    const { vendor, api } = await start(provider);
    vendor.loseAnswers = 1;
    expect(await codeOf(api.submit(part('bpart_1', 'one', 'two', 'three'), signal))).toBe('upstream_unreachable');

    const search = { token: 'bpart_1', lines: 3, sinceMs: Date.parse('2020-01-01'), exclude: [] };

    expect(await api.find(search, signal)).toBe(vendor.batches[0]?.id);
    expect(await api.find({ ...search, exclude: [vendor.batches[0]?.id ?? ''] }, signal)).toBeUndefined();
    expect(await api.find({ ...search, token: 'bpart_2', lines: 2 }, signal)).toBeUndefined();
  });

  it('is cancelled', async () => {
    const { vendor, api } = await start(provider);
    const id = await api.submit(part('bpart_1', 'one'), signal);

    await api.cancel(id, signal);

    expect(vendor.batches[0]?.state).toBe('cancelled');
    expect(await api.look(id, signal)).toEqual({ ended: true });
  });

  it.each([
    [400, 'upstream_rejected'],
    [401, 'upstream_credentials'],
    [429, 'upstream_unreachable'],
    [503, 'upstream_unreachable'],
  ])('says what a status %i means, without the key', async (status, code) => {
    const upstream = await startFakeUpstream((_request, response) => answerJson(response, { error: { message: `bad key ${KEY}` } }, status));
    const api = apiAt(`${upstream.url}/v1`, provider);
    closers.push(
      () => api.close(),
      () => upstream.close(),
    );

    const failed = api.look('x', signal);

    expect(await codeOf(failed)).toBe(code);
    await expect(failed).rejects.not.toThrow(KEY);
  });

  it.each(['<html>', '[]', '{"id":5}', ''])('takes %j for garbage', async (text) => {
    const upstream = await startFakeUpstream((_request, response) => void response.writeHead(200).end(text));
    const api = apiAt(`${upstream.url}/v1`, provider);
    closers.push(
      () => api.close(),
      () => upstream.close(),
    );

    expect(await codeOf(api.look('x', signal))).toBe('upstream_garbage');
    // A list without batches is an object without fields at Google.
    if (provider !== 'gemini' || !text.startsWith('{'))
      expect(await codeOf(api.find({ token: 't', lines: 1, sinceMs: 0, exclude: [] }, signal))).toBe('upstream_garbage');
  });
});

describe('requests that a batch API does not take', () => {
  it.each([
    ['mistral', 'completions'],
    ['gemini', 'embeddings'],
  ] as const)('are refused for good: %s, %s', async (provider, operation) => {
    const { vendor, api } = await start(provider);

    expect(await codeOf(api.submit({ ...partFor(provider)('bpart_1', 'one'), operation }, signal))).toBe('upstream_rejected');
    expect(vendor.batches).toEqual([]);
  });

  it('are told line by line', async () => {
    const { vendor, api } = await start('gemini');
    const id = await api.submit(partFor('gemini')('bpart_1', 'one', 'this is wrong'), signal);
    vendor.end();

    const results = await all(api.results(id, signal));

    expect(results.map((result) => [result.id, result.status])).toEqual([
      ['bpart_1-1', 400],
      ['bpart_1-0', 200],
    ]);
  });
});

describe('a batch of Azure', () => {
  it('is never submitted when its file is wrong', async () => {
    const upstream = await startFakeUpstream((_request, response) => answerJson(response, { id: 'file_1', status: 'error' }));
    const api = apiAt(upstream.url, 'azure');
    closers.push(
      () => api.close(),
      () => upstream.close(),
    );

    expect(await codeOf(api.submit(partFor('azure')('bpart_1', 'one'), signal))).toBe('upstream_rejected');
  });

  it('takes tokens that are fetched, and lets a refused one go', async () => {
    let refused = 0;
    const sent: unknown[] = [];
    const upstream = await startFakeUpstream((request, response) => {
      sent.push(request.headers['authorization']);
      answerJson(response, { error: { message: 'who are you, fetched-token?' } }, 401);
    });
    const authorize = {
      headers: () => Promise.resolve({ authorization: 'Bearer fetched-token' }),
      refused: () => {
        refused += 1;
      },
      close: () => Promise.resolve(),
    };
    const entry = PROVIDER_TABLE.azure;
    const clock = { sleep: () => Promise.resolve() };
    const facts = { model: 'm', endpoint: 'm', provider: 'azure', servedName: 'x', entry, baseUrl: upstream.url, headers: {}, timeoutMs: 5000, clock };
    const api = createBatchApi({ ...facts, apiKey: undefined, authorize });
    closers.push(
      () => api.close(),
      () => upstream.close(),
    );

    await expect(api.look('x', signal)).rejects.not.toThrow('fetched-token');

    expect(sent).toEqual(['Bearer fetched-token']);
    expect(refused).toBe(1);
  });
});

describe('a provider without a batch API', () => {
  it('is refused by name', () => {
    expect(() => apiAt('http://127.0.0.1:1', 'cohere')).toThrow('"cohere"');
  });
});
