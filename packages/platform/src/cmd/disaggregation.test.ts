import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { modelKind } from '@maru/api/resources';
import { chargePageSchema, decisionListSchema, traceDetailSchema } from '@maru/api/wire';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { readConfig } from '#config';
import { createTwinEngine, createTwinServer, type TwinServer } from '#engines';
import { createIds, createSystemClock } from '#time';
import { type Platform, startPlatform } from './platform.ts';

const folder = mkdtempSync(join(tmpdir(), 'maru-split-'));
const clock = createSystemClock();
const ids = createIds(() => clock.nowMs());
const closers: (() => Promise<unknown>)[] = [];
let platform: Platform;

const split = (name: string, twin: string, rules = '{prefillReplicas: 1, decodeReplicas: 2}'): string => `apiVersion: maru.dev/v1alpha1
kind: Model
metadata: {name: ${name}}
spec:
  serving: {engine: twin, disaggregation: ${rules}, twin: ${twin}}
  price: {inputUsdPerMillion: 1, outputUsdPerMillion: 3, cacheReadUsdPerMillion: 0.1}
`;

const remote = (name: string, decode: string, prefill: string): string => `apiVersion: maru.dev/v1alpha1
kind: Model
metadata: {name: ${name}}
spec:
  serving:
    engine: vllm
    disaggregation: {prefillTimeout: 2s}
    endpoints: {urls: ["${decode}"], prefillUrls: ["${prefill}"], metrics: {every: 5s}}
`;

/** A twin behind HTTP, as a vLLM would be. */
async function serve(name: string, role: 'prefill' | 'decode', speed = 100): Promise<TwinServer> {
  const model = modelKind.schema.parse({
    apiVersion: 'maru.dev/v1alpha1',
    kind: 'Model',
    metadata: { name },
    spec: { serving: { engine: 'twin', twin: { speed } } },
  });
  const server = await createTwinServer({ engine: createTwinEngine({ model, replica: 0, role, endpoint: `${name}-${role}`, clock, ids }), port: 0 });
  closers.push(() => server.close());
  return server;
}

beforeAll(async () => {
  const [decode, prefill, decodeOnly] = [await serve('served', 'decode'), await serve('served', 'prefill'), await serve('alone', 'decode')];
  const file = join(folder, 'stack.yaml');
  // A slow prefill replica, so that a client can go while it computes.
  const stack = [
    split('sim', '{speed: 100}'),
    split('broken', '{speed: 100, kvTransfer: {failEvery: 1}}'),
    split('slow', '{speed: 0.01}'),
    remote('served', decode.url, prefill.url),
    remote('alone', decodeOnly.url, 'http://127.0.0.1:9'),
  ];
  writeFileSync(file, stack.join('---\n'));
  const config = readConfig({ port: '0', dataDir: join(folder, 'data') }, { MARU_LOG_LEVEL: 'silent' });
  platform = await startPlatform({ config, files: [file], version: 'test', say: () => undefined });
  closers.push(() => platform.close());
}, 60_000);
afterAll(async () => {
  for (const close of closers.reverse()) await close();
  rmSync(folder, { recursive: true, force: true });
});

const headers = (): Record<string, string> => ({ authorization: `Bearer ${platform.masterKey}`, 'content-type': 'application/json' });
const get = async (path: string): Promise<unknown> => (await fetch(platform.url + path, { headers: headers() })).json();
const longPrompt = (topic: string): string => `${`${topic} is a long story that nobody has told before. `.repeat(120)}The end?`;

function ask(model: string, content: string, more: { path?: string; body?: object; signal?: AbortSignal } = {}): Promise<Response> {
  return fetch(`${platform.url}${more.path ?? '/v1/chat/completions'}`, {
    method: 'POST',
    headers: headers(),
    body: JSON.stringify({ model, messages: [{ role: 'user', content }], max_tokens: 8, ...more.body }),
    ...(more.signal === undefined ? {} : { signal: more.signal }),
  });
}

interface Answer {
  usage: { prompt_tokens: number; completion_tokens: number; prompt_tokens_details: { cached_tokens: number } };
}

/** An answer, and everything that the platform says of its way. */
async function asked(response: Response) {
  const text = await response.text();
  const traceId = response.headers.get('x-maru-trace-id') ?? '';
  const decisions = decisionListSchema.parse(await get(`/api/v1/decisions?traceId=${traceId}`)).items;
  return {
    status: response.status,
    text,
    answer: JSON.parse(text.startsWith('{') ? text : '{}') as Answer,
    traceId,
    endpoint: response.headers.get('x-maru-endpoint'),
    reason: response.headers.get('x-maru-route-reason'),
    decode: decisions.find(({ prefill }) => prefill !== undefined),
    prefill: decisions.find(({ prefill }) => prefill === undefined),
  };
}

const spansOf = (traceId: string) =>
  vi.waitFor(
    async () => {
      const { spans } = traceDetailSchema.parse(await get(`/api/v1/traces/${traceId}`));
      expect(spans.some(({ kind }) => kind === 'gateway')).toBe(true);
      return spans;
    },
    { timeout: 30_000, interval: 50 },
  );

describe('a model whose replicas share the work', () => {
  it('computes a long prompt at one replica and answers at another, and tells both legs with the reason', async () => {
    const { answer, decode, prefill, traceId, endpoint, reason } = await asked(await ask('sim', longPrompt('The sea')));

    expect(endpoint).toMatch(/^sim-decode-[01]$/);
    expect(decode).toMatchObject({ chosen: endpoint, prefill: { endpoint: 'sim-prefill-0', decision: prefill?.id } });
    expect(prefill).toMatchObject({ chosen: 'sim-prefill-0', realisedCachedTokens: 0 });
    expect(reason).toMatch(/prefill at sim-prefill-0: \d+ of \d+ prompt tokens are not cached/);
    const spans = await spansOf(traceId);
    const leg = spans.find(({ name }) => name === 'prefill sim-prefill-0');
    expect(leg).toMatchObject({ status: 'ok', attributes: { leg: 'prefill', promptTokens: answer.usage.prompt_tokens, cachedTokens: 0 } });
    expect(leg?.parentSpanId).toBe(spans.find(({ name }) => name === `engine ${endpoint}`)?.spanId);
    expect(leg?.usage).toBeUndefined();
  });

  it('charges the prompt once, in full, although the decode replica has found it', async () => {
    const { answer, traceId } = await asked(await ask('sim', longPrompt('The forest')));

    const charges = await vi.waitFor(
      async () => {
        const { items } = chargePageSchema.parse(await get('/api/v1/charges?limit=100'));
        const own = items.filter((charge) => charge.traceId === traceId);
        expect(own).not.toEqual([]);
        return own;
      },
      { timeout: 30_000, interval: 50 },
    );

    const { prompt_tokens: prompt, completion_tokens: output } = answer.usage;
    expect(answer.usage.prompt_tokens_details.cached_tokens).toBe(0);
    expect(charges).toMatchObject([{ usage: { inputTokens: prompt, cacheReadTokens: 0, outputTokens: output }, costNanoUsd: prompt * 1000 + output * 3000 }]);
  });

  it('keeps a short prompt, and a long one that is cached, where the answer is made', async () => {
    const short = await asked(await ask('sim', 'Hello?'));
    const first = await asked(await ask('sim', longPrompt('The lake')));
    const again = await asked(await ask('sim', longPrompt('The lake')));

    expect(short.decode?.prefill).toEqual({ reason: expect.stringContaining('prefill in place') });
    expect(again.decode?.prefill).toEqual({ reason: expect.stringContaining('fewer than 512') });
    expect(again.endpoint).toBe(first.endpoint);
    expect(again.answer.usage.prompt_tokens_details.cached_tokens).toBeGreaterThan(1000);
  });

  it('streams, and speaks other formats', async () => {
    const streamed = await asked(await ask('sim', longPrompt('The river'), { body: { stream: true, stream_options: { include_usage: true } } }));
    const translated = await asked(await ask('sim', longPrompt('The well'), { path: '/v1/messages' }));

    expect(streamed.text).toContain('"cached_tokens":0');
    expect(streamed.text).toMatch(/\[DONE\]\s*$/);
    expect(streamed.decode?.prefill?.endpoint).toBe('sim-prefill-0');
    expect(translated.text).toContain('"type":"message"');
    expect(translated.decode?.prefill?.endpoint).toBe('sim-prefill-0');
  });

  it('answers when the keys and values do not arrive', async () => {
    const { status, answer, decode } = await asked(await ask('broken', longPrompt('The storm')));

    expect(status).toBe(200);
    expect(decode?.prefill?.endpoint).toBe('broken-prefill-0');
    expect(answer.usage.completion_tokens).toBeGreaterThan(0);
  });

  it('tells what each replica is meant for', async () => {
    const { items } = (await get('/api/v1/models')) as { items: { id: string; endpoints: { role?: string }[] }[] };

    expect(new Set(items.find(({ id }) => id === 'sim')?.endpoints.map(({ role }) => role))).toEqual(new Set(['prefill', 'decode']));
  });

  it('stops both legs when the client goes', async () => {
    const client = new AbortController();
    const gone = ask('slow', longPrompt('The desert'), { signal: client.signal });
    const running = async (): Promise<number> =>
      ((await get('/api/v1/models')) as { items: { id: string; endpoints: { endpoint: string; running: number; waiting: number }[] }[] }).items
        .flatMap(({ endpoints }) => endpoints)
        .filter(({ endpoint }) => endpoint.startsWith('slow-'))
        .reduce((sum, endpoint) => sum + endpoint.running + endpoint.waiting, 0);
    await vi.waitFor(async () => expect(await running()).toBe(1), { timeout: 30_000, interval: 20 });

    client.abort();

    await expect(gone).rejects.toThrow();
    await vi.waitFor(async () => expect(await running()).toBe(0), { timeout: 30_000, interval: 20 });
  });

  it('finds prefill replicas by their addresses, and hands over as vLLM does', async () => {
    const { answer, decode, endpoint } = await vi.waitFor(
      async () => {
        const found = await asked(await ask('served', longPrompt(`The city ${ids.next('x')}`)));
        expect(found.decode?.prefill?.endpoint).toBeDefined();
        return found;
      },
      { timeout: 30_000, interval: 50 },
    );

    expect(endpoint).not.toBe(decode?.prefill?.endpoint);
    expect(answer.usage.prompt_tokens_details.cached_tokens).toBe(0);
  });

  it('loses nothing when no prefill replica is there', async () => {
    const { status, decode } = await vi.waitFor(
      async () => {
        const found = await asked(await ask('alone', longPrompt('The tower')));
        expect(found.status).toBe(200);
        return found;
      },
      { timeout: 30_000, interval: 50 },
    );

    expect(status).toBe(200);
    expect(decode?.prefill?.endpoint).toBeUndefined();
  });
});
