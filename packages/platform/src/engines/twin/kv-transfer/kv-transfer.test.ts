import { modelKind } from '@maru/api/resources';
import { describe, expect, it } from 'vitest';
import { createFakeClock, createSeededIds } from '#time';
import { FAULT_HEADER } from '../faults/twin-fault.ts';
import { createTwinEngine, type TwinEngine } from '../twin-engine.ts';
import { createKvLink } from './kv-link.ts';
import { kvTransferOf } from './kv-transfer-params.ts';

const PROMPT = 'A long story about the sea and the ships on it. '.repeat(200);

const model = (twin: object = {}, spec: object = {}) =>
  modelKind.schema.parse({
    apiVersion: 'maru.dev/v1alpha1',
    kind: 'Model',
    metadata: { name: 'split' },
    spec: { ...spec, serving: { engine: 'twin', disaggregation: {}, twin } },
  });

function pair(twin: object = {}) {
  const clock = createFakeClock();
  const make = (role: 'prefill' | 'decode'): TwinEngine =>
    createTwinEngine({ model: model(twin), replica: 0, endpoint: `split-${role}-0`, role, clock, ids: createSeededIds() });
  return { clock, prefill: make('prefill'), decode: make('decode') };
}

interface Answer {
  usage: { prompt_tokens: number; completion_tokens: number; prompt_tokens_details: { cached_tokens: number } };
  kv_transfer_params?: { remote_engine_id: string; remote_block_ids: number[]; do_remote_prefill: boolean };
}

async function ask(engine: TwinEngine, clock: ReturnType<typeof createFakeClock>, body: object, headers = {}): Promise<{ answer: Answer; ms: number }> {
  const beganMs = clock.monotonicMs();
  let tookMs = 0;
  const signal = new AbortController().signal;
  const reply = engine
    .call({ operation: 'completions', body: Buffer.from(JSON.stringify({ prompt: PROMPT, max_tokens: 1, ...body })), stream: false, headers, signal })
    .finally(() => {
      tookMs = clock.monotonicMs() - beganMs;
    });
  await clock.advance(60_000);
  const chunks: Uint8Array[] = [];
  for await (const chunk of (await reply).body) chunks.push(chunk);
  return { answer: JSON.parse(Buffer.concat(chunks).toString()) as Answer, ms: tookMs };
}

const KEEP = { kv_transfer_params: { do_remote_decode: true, do_remote_prefill: false, remote_engine_id: null, remote_block_ids: null } };
const metric = (engine: TwinEngine, name: string): number => Number(new RegExp(`^${name}\\{[^}]*\\} (.*)$`, 'm').exec(engine.metrics())?.[1]);

describe('twins that share the work', () => {
  it('tell where the keys and values of a prompt lie, and which are asked for nothing do not', async () => {
    const { clock, prefill } = pair();

    const { answer } = await ask(prefill, clock, KEEP);

    expect(answer.kv_transfer_params).toMatchObject({ do_remote_prefill: true, remote_engine_id: 'split-prefill-0' });
    expect(answer.kv_transfer_params?.remote_block_ids).toHaveLength(Math.ceil(answer.usage.prompt_tokens / 16));
    expect((await ask(prefill, clock, {})).answer.kv_transfer_params).toBeUndefined();
  });

  it('keep the blocks until they could be fetched, and no longer', async () => {
    const { clock, prefill } = pair({ kvTransfer: { latencyMs: 5000 } });
    const signal = new AbortController().signal;
    const call = prefill.call({ operation: 'completions', body: Buffer.from(JSON.stringify({ prompt: PROMPT, ...KEEP })), stream: false, headers: {}, signal });
    await clock.advance(4000);
    await call;

    expect(prefill.load()).toMatchObject({ running: 0 });
    expect(prefill.load().kvUse).toBeGreaterThan(0);
    await clock.advance(10_000);
    expect(prefill.load().kvUse).toBe(0);
  });

  it('compute nothing twice: what is fetched takes the time of the way in place of the time of the prompt', async () => {
    const { clock, prefill, decode } = pair({ kvTransfer: { latencyMs: 1, gigabytesPerS: 100 } });
    const alone = await ask(decode, clock, { prompt: `x${PROMPT}` });
    const { answer } = await ask(prefill, clock, KEEP);
    const fetched = await ask(decode, clock, { kv_transfer_params: answer.kv_transfer_params });

    expect(fetched.ms).toBeLessThan(alone.ms / 2);
    expect(fetched.answer.usage.prompt_tokens_details.cached_tokens).toBe(answer.usage.prompt_tokens - 1);
    expect(metric(decode, 'vllm:external_prefix_cache_hits_total')).toBe(answer.usage.prompt_tokens - 1);
    expect(metric(decode, 'vllm:prefix_cache_hits_total')).toBe(0);
    expect(metric(decode, 'vllm:nixl_bytes_transferred_sum')).toBe((answer.usage.prompt_tokens - 1) * 131_072);
  });

  it('fetch only what is missing, and find afterwards what was fetched', async () => {
    const { clock, prefill, decode } = pair();
    const { answer } = await ask(prefill, clock, KEEP);
    await ask(decode, clock, { kv_transfer_params: answer.kv_transfer_params });
    const bytes = metric(decode, 'vllm:nixl_bytes_transferred_sum');

    await ask(decode, clock, { kv_transfer_params: answer.kv_transfer_params });

    expect(metric(decode, 'vllm:nixl_bytes_transferred_sum') - bytes).toBeLessThan(16 * 131_072);
    expect((await ask(decode, clock, {})).answer.usage.prompt_tokens_details.cached_tokens).toBeGreaterThan(2000);
  });

  it.each([
    ['by the link', { kvTransfer: { failEvery: 1 } }, {}],
    ['by a header', {}, { [FAULT_HEADER]: 'kv-transfer' }],
  ])('compute the prompt when its transfer fails %s', async (_how, twin, headers) => {
    const { clock, prefill, decode } = pair(twin);
    const { answer } = await ask(prefill, clock, KEEP);

    const fetched = await ask(decode, clock, { kv_transfer_params: answer.kv_transfer_params }, headers);

    expect(fetched.answer.usage.prompt_tokens_details.cached_tokens).toBe(0);
    expect(metric(decode, 'vllm:nixl_num_failed_transfers_total')).toBe(1);
    expect(metric(decode, 'vllm:external_prefix_cache_hits_total')).toBe(0);
  });

  it('refuse transfer parameters that are none', async () => {
    const { clock, decode } = pair();

    const { answer } = await ask(decode, clock, { kv_transfer_params: { do_remote_prefill: 'yes' } });

    expect(answer).toMatchObject({ error: { message: expect.stringContaining('kv_transfer_params') } });
  });
});

describe('transfer parameters', () => {
  it.each([
    [undefined, 'none'],
    [{ do_remote_decode: true }, 'keep'],
    [{ do_remote_prefill: true, remote_engine_id: 'a', remote_block_ids: [1] }, 'fetch'],
    [{ do_remote_prefill: true, remote_engine_id: 'a', remote_block_ids: [] }, 'none'],
    [{ do_remote_prefill: true, remote_block_ids: [1] }, 'none'],
  ] as const)('%j ask to %s', (params, wanted) => {
    expect(kvTransferOf(params as Parameters<typeof kvTransferOf>[0])).toBe(wanted);
  });
});

describe('link', () => {
  it('takes a fixed time and one by the bytes', () => {
    const link = createKvLink(model({ kvTransfer: { gigabytesPerS: 10, latencyMs: 3, bytesPerToken: 100_000 } }).spec);

    expect(link.bytesOf(1000)).toBe(1e8);
    expect(link.transferMs(1000)).toBeCloseTo(3 + 10);
  });

  it('takes the bytes of a token from the architecture of the model', () => {
    const architecture = { parameters: 8e9, layers: 36, hiddenSize: 4096, attentionHeads: 32, kvHeads: 8, headDim: 128 };

    expect(createKvLink(model({}, { architecture }).spec).bytesOf(1)).toBe(147_456);
  });
});
