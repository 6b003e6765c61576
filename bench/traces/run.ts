import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Span } from '@maru/api/records';
import { migrateStore, openSpool, openStore } from '../../packages/platform/src/store/index.ts';
import { silentLog } from '../../packages/platform/src/telemetry/index.ts';
import { createIds, createSystemClock } from '../../packages/platform/src/time/index.ts';
import { createTraces, type Traces } from '../../packages/platform/src/traces/index.ts';

// What traces cost a request, and how long it takes to find them: `node bench/traces/run.ts`. Figures are the median of 15 runs.
const RUNS = 15;
const TRACES = 1000;
const STORED = 50_000;
const folder = mkdtempSync(join(tmpdir(), 'maru-bench-traces-'));
const clock = createSystemClock();
const ids = createIds(() => clock.nowMs());

/** What the gateway records of an answered request, made anew as it makes it. */
function traceOf(number: number, session: string | undefined): readonly Span[] {
  const nowMs = clock.nowMs();
  const traceId = ids.traceId();
  const spanId = ids.spanId();
  const requestId = ids.next('req');
  const base = { traceId, tenant: 'default', ...(session === undefined ? {} : { session }) };
  return [
    {
      ...base,
      spanId: ids.spanId(),
      parentSpanId: spanId,
      name: 'engine mock',
      kind: 'engine',
      startMs: nowMs - 250.25,
      endMs: nowMs,
      status: 'ok',
      model: 'mock-model',
      usage: { inputTokens: 200 + (number % 50), cacheReadTokens: 0, cacheWriteTokens: 0, outputTokens: 20, reasoningTokens: 0 },
      costNanoUsd: 1500 + number,
      attributes: {
        requestId,
        endpoint: 'mock',
        provider: 'openai-compatible',
        servedName: 'mock-model',
        simulated: false,
        ttftMs: 20.5,
        usageEstimated: false,
      },
    },
    {
      ...base,
      spanId: ids.spanId(),
      parentSpanId: spanId,
      name: 'route bench',
      kind: 'route',
      startMs: nowMs - 251,
      endMs: nowMs - 250.25,
      status: 'ok',
      model: 'mock-model',
      attributes: {
        reason: 'the only model of the route',
        endpoint: 'mock',
        promptTokens: 250,
        decisionId: ids.next('decision'),
        policy: 'default',
        candidates: 1,
        expectedCachedTokens: 0,
      },
    },
    {
      ...base,
      spanId,
      parentSpanId: null,
      name: 'chat bench',
      kind: 'gateway',
      startMs: nowMs - 252,
      endMs: nowMs,
      status: 'ok',
      model: 'bench',
      attributes: { requestId, operation: 'chat', stream: false, keyId: 'key_bench', attempts: 1, httpStatus: 200 },
    },
  ];
}

async function openRoom(name: string): Promise<{ readonly traces: Traces; close(): Promise<void> }> {
  const store = await openStore({ url: join(folder, `${name}.db`) });
  await migrateStore(store);
  const spool = openSpool<never>({ path: join(folder, name), log: silentLog });
  const traces = createTraces({ store, spool, clock, ids, log: silentLog, captureContent: false, retentionMs: Number.POSITIVE_INFINITY });
  return {
    traces,
    async close() {
      await traces.close();
      await spool.close();
      await store.close();
    },
  };
}

const median = (values: readonly number[]): number => [...values].sort((left, right) => left - right)[values.length >> 1] ?? 0;
const print = (name: string, value: number, unit: string): void => console.log(`${name.padEnd(52)} ${value.toFixed(1).padStart(8)} ${unit}`);
const cpuUs = async (work: () => Promise<unknown> | unknown): Promise<number> => {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return user + system;
};

async function measureWriting(name: string, session: (number: number) => string | undefined): Promise<void> {
  const room = await openRoom('writing');
  const [make, record, settle] = [[], [], []] as [number[], number[], number[]];
  for (let run = 0; run < RUNS; run += 1) {
    make.push((await cpuUs(() => repeat((number) => traceOf(number, session(number))))) / TRACES);
    record.push((await cpuUs(() => repeat((number) => room.traces.record(...traceOf(number, session(number)))))) / TRACES);
    settle.push((await cpuUs(() => room.traces.flush())) / TRACES);
  }
  print(`${name}: recorded`, median(record) - median(make), 'µs CPU');
  print(`${name}: settled`, median(settle), 'µs CPU');
  await room.close();
  rmSync(join(folder, 'writing'), { recursive: true });
  for (const end of ['', '-wal', '-shm']) rmSync(join(folder, `writing.db${end}`), { force: true });
}

function repeat(work: (number: number) => unknown): void {
  for (let number = 0; number < TRACES; number += 1) work(number);
}

async function measureReading(): Promise<void> {
  const { traces, close } = await openRoom('reading');
  const fromMs = clock.nowMs() - 1000;
  let last = '';
  for (let number = 0; number < STORED; number += 1) {
    const spans = traceOf(number, number % 10 === 0 ? `session-${number % 500}` : undefined);
    last = spans[0]?.traceId ?? '';
    traces.record(...spans);
    if (number % 5000 === 4999) await traces.flush();
  }
  const range = { fromMs, toMs: clock.nowMs() + 1000, tenant: 'default' };
  const time = async (name: string, work: () => Promise<unknown>): Promise<void> => {
    const samples: number[] = [];
    for (let run = 0; run < 5; run += 1) {
      const startedMs = clock.monotonicMs();
      await work();
      samples.push(clock.monotonicMs() - startedMs);
    }
    print(`${name}, ${STORED} traces`, median(samples), 'ms');
  };
  await time('a page of traces', () => traces.listTraces(range));
  await time('a page of a session', () => traces.listTraces({ session: 'session-20', tenant: 'default' }));
  await time('a model that no trace has', () => traces.listTraces({ ...range, model: 'absent' }));
  await time('a text that no trace has', () => traces.listTraces({ ...range, text: 'absent' }));
  await time('one trace', () => traces.getTrace(last));
  await time('a page of sessions', () => traces.listSessions(range));
  await time('the overview', () => traces.overview({ ...range, buckets: 60 }));
  await close();
}

console.log(`${cpus()[0]?.model ?? 'unknown processor'}, Node ${process.version}`);
await measureWriting('a trace of three spans', () => undefined);
await measureWriting('the same in a session', (number) => `session-${number % 50}`);
await measureReading();
rmSync(folder, { recursive: true, force: true });
