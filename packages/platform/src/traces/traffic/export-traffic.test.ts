import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Span } from '@maru/api/records';
import { afterAll, describe, expect, it } from 'vitest';
import { migrateStore, openSpool, openStore } from '#store';
import { createLog } from '#telemetry';
import { createFakeClock, createSeededIds } from '#time';
import { createTraces, type Traces } from '../create-traces.ts';
import { createPromptMarks } from './prompt-marks.ts';

const folder = mkdtempSync(join(tmpdir(), 'maru-traffic-'));
afterAll(() => rmSync(folder, { recursive: true }));
let opened = 0;

async function open(): Promise<Traces> {
  opened += 1;
  const store = await openStore({ url: ':memory:' });
  await migrateStore(store);
  const log = createLog('silent');
  const spool = openSpool({ path: join(folder, `spool-${opened}`), log });
  return createTraces({
    store,
    spool,
    clock: createFakeClock(),
    ids: createSeededIds(opened),
    log,
    captureContent: false,
    retentionMs: Number.POSITIVE_INFINITY,
  });
}

interface Made {
  readonly trace: string;
  readonly startMs: number;
  readonly session?: string;
  readonly tokens?: number;
  readonly blocks?: number;
  readonly model?: string;
  readonly number?: number;
}

const mark = createPromptMarks('sk-master');

/** The spans of a call as the gateway writes them. */
function call(made: Made): readonly Span[] {
  const { trace, startMs, tokens = 1024, blocks = 2, model = 'llama' } = made;
  const base = {
    traceId: trace,
    tenant: 'default',
    endMs: startMs + 100,
    status: 'ok' as const,
    ...(made.session === undefined ? {} : { session: made.session }),
  };
  const own = `${trace}-${made.number ?? 0}`;
  const marks = mark({ promptBytes: blocks * 2048, hashBytes: 256, hashes: () => Array.from({ length: blocks * 8 }, (_, index) => index) });
  return [
    { ...base, spanId: own, parentSpanId: null, name: 'chat auto', kind: 'gateway', startMs, model: 'auto', attributes: {} },
    { ...base, spanId: `${own}-r`, parentSpanId: own, name: 'route', kind: 'route', startMs, model, attributes: { promptTokens: blocks * 512, ...marks } },
    {
      ...base,
      spanId: `${own}-e`,
      parentSpanId: own,
      name: 'engine',
      kind: 'engine',
      startMs,
      model,
      usage: { inputTokens: tokens - 100, cacheReadTokens: 100, cacheWriteTokens: 0, outputTokens: 20, reasoningTokens: 5 },
      attributes: {},
    },
  ];
}

const signal = new AbortController().signal;
const all = { fromMs: 0, toMs: 1e12, signal };

async function linesOf(traces: Traces, options: Partial<Parameters<Traces['exportTraffic']>[0]> = {}): Promise<Record<string, unknown>[]> {
  let text = '';
  for await (const part of traces.exportTraffic({ ...all, ...options })) text += part;
  return text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

const blocksOf = (line: Readonly<Record<string, unknown>> | undefined): readonly unknown[] => (Array.isArray(line?.['hash_ids']) ? line['hash_ids'] : []);

describe('the export of traffic', () => {
  it('tells times from the first call on, lengths, sessions and blocks, and no more', async () => {
    const traces = await open();
    traces.record(...call({ trace: 'a', startMs: 5000, session: 'talk' }));
    traces.record(...call({ trace: 'b', startMs: 5250, session: 'talk', blocks: 3, tokens: 1536 }));

    const [head, first, second] = await linesOf(traces);

    expect(head).toEqual({ block_size: 512, source: 'maru traffic export' });
    expect(first).toEqual({
      timestamp: 0,
      input_length: 1024,
      output_length: 25,
      hash_ids: [expect.any(Number), expect.any(Number)],
      session_id: expect.stringMatching(/^[0-9a-f]{12}$/),
      model: 'llama',
    });
    expect(second).toMatchObject({ timestamp: 250, input_length: 1536, session_id: first?.['session_id'] });
    expect(second?.['hash_ids']).toEqual([...blocksOf(first), expect.any(Number)]);
    await traces.close();
  });

  it('gives other names to the same blocks and sessions the next time', async () => {
    const traces = await open();
    traces.record(...call({ trace: 'a', startMs: 5000, session: 'talk' }));

    const [, once] = await linesOf(traces);
    const [, again] = await linesOf(traces);

    expect(again?.['input_length']).toBe(once?.['input_length']);
    expect(again?.['hash_ids']).not.toEqual(once?.['hash_ids']);
    expect(again?.['session_id']).not.toEqual(once?.['session_id']);
    await traces.close();
  });

  it('is in order of time where a long trace has calls after the next one began, over many pages', async () => {
    const traces = await open();
    traces.record(...call({ trace: 'long', startMs: 1000 }), ...call({ trace: 'long', startMs: 300_500, number: 1 }));
    for (let number = 0; number < 450; number += 1) traces.record(...call({ trace: `t${number}`, startMs: 2000 + number * 1000 }));

    const lines = (await linesOf(traces)).slice(1);
    const times = lines.map((line) => line['timestamp'] as number);

    expect(lines).toHaveLength(452);
    expect(times).toEqual([...times].sort((left, right) => left - right));
    expect(times).toContain(299_500);
    await traces.close();
  });

  it('fits the size of a block to what the engine counts', async () => {
    const traces = await open();
    traces.record(...call({ trace: 'a', startMs: 0, blocks: 2, tokens: 2048 }));

    expect((await linesOf(traces))[0]).toMatchObject({ block_size: 1024 });
    await traces.close();
  });

  it('tells only of the wanted model and time, and refuses where there is nothing', async () => {
    const traces = await open();
    traces.record(...call({ trace: 'a', startMs: 1000 }));
    traces.record(...call({ trace: 'b', startMs: 2000, model: 'qwen' }));
    // A request that no engine has answered.
    traces.record({
      traceId: 'c',
      spanId: 'c',
      parentSpanId: null,
      name: 'chat',
      kind: 'gateway',
      startMs: 2500,
      endMs: 2600,
      status: 'error',
      tenant: 'default',
      attributes: {},
    });

    expect(await linesOf(traces, { model: 'qwen' })).toHaveLength(2);
    expect(await linesOf(traces, { toMs: 2000 })).toHaveLength(2);
    await expect(linesOf(traces, { fromMs: 2001 })).rejects.toMatchObject({ code: 'not_found' });
    await expect(linesOf(traces, { tenant: 'other' })).rejects.toMatchObject({ code: 'not_found' });
    await traces.close();
  });
});
