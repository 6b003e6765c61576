import { isPlatformError } from '@maru/api/errors';
import { afterEach, describe, expect, it } from 'vitest';
import { answerJson, startFakeUpstream } from '../../../../../test/conformance/fake-upstream.ts';
import { type BatchProvider, startBatchProvider } from '../../../../../test/harness/batch-provider.ts';
import { PROVIDER_TABLE } from '../providers/provider-table.ts';
import type { BatchApi, BatchApiResult } from './batch-api.ts';
import { createBatchApi } from './create-batch-api.ts';

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

const KEY = 'sk-batch-key';
const apiAt = (baseUrl: string, provider: 'openai' | 'anthropic' | 'cohere'): BatchApi =>
  createBatchApi({ model: 'm', endpoint: 'm', provider, entry: PROVIDER_TABLE[provider], baseUrl, apiKey: KEY, headers: {}, timeoutMs: 5000 });
async function start(provider: 'openai' | 'anthropic'): Promise<{ readonly vendor: BatchProvider; readonly api: BatchApi }> {
  const vendor = await startBatchProvider();
  const api = apiAt(vendor.url, provider);
  closers.push(
    () => api.close(),
    () => vendor.close(),
  );
  return { vendor, api };
}
const { signal } = new AbortController();
const linesOf = (token: string, ...questions: readonly string[]) =>
  questions.map((content, index) => ({ id: `${token}-${index}`, body: JSON.stringify({ model: 'x', messages: [{ role: 'user', content }] }) }));
const part = (token: string, ...questions: readonly string[]) => ({ token, operation: 'chat' as const, lines: linesOf(token, ...questions) });
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

describe.each(['openai', 'anthropic'] as const)('the batch API of %s', (provider) => {
  it('takes requests as they are, with the key of the provider', async () => {
    const { vendor, api } = await start(provider);

    await api.submit(part('bpart_1', 'one\n"two" ≥', 'three'), signal);

    expect(vendor.batches[0]?.requests).toEqual([
      { id: 'bpart_1-0', body: { model: 'x', messages: [{ role: 'user', content: 'one\n"two" ≥' }] } },
      { id: 'bpart_1-1', body: { model: 'x', messages: [{ role: 'user', content: 'three' }] } },
    ]);
    expect([...vendor.keys]).toEqual([provider === 'openai' ? `Bearer ${KEY}` : KEY]);
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
    expect(await codeOf(api.find({ token: 't', lines: 1, sinceMs: 0, exclude: [] }, signal))).toBe('upstream_garbage');
  });
});

describe('a provider without a batch API', () => {
  it('is refused by name', () => {
    expect(() => apiAt('http://127.0.0.1:1', 'cohere')).toThrow('"cohere"');
  });
});
