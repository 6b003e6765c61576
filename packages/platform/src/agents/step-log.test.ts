import { PlatformError } from '@maru/api/errors';
import type { Span } from '@maru/api/records';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Store } from '#store';
import { createFakeClock, createSeededIds, type FakeClock } from '#time';
import { makeAgent, openTestStore, PAYER } from './__fixtures__/test-kit.ts';
import { createRunHub, type RunHub, type RunSubscription } from './run-events.ts';
import { createRunStore, type RunStore } from './run-store.ts';
import { createRunTrace } from './run-trace.ts';
import { newRun } from './start-run.ts';
import { createStepLog, readSteps, type StepLog, type StepStart } from './step-log.ts';
import { createToolCalls, type ToolCalls } from './tool-calls.ts';

const TTL = 15_000;
const STEP: StepStart = { index: 0, name: 'model', kind: 'model', input: { question: 'Q' } };
let store: Store;
let clock: FakeClock;
let runs: RunStore;
let hub: RunHub;
let log: StepLog;
let watch: RunSubscription;
let calls: ToolCalls;
let runId: string;
const spans: Span[] = [];

beforeEach(async () => {
  store = await openTestStore();
  clock = createFakeClock();
  runs = createRunStore(store, clock, TTL);
  hub = createRunHub();
  calls = createToolCalls(store, clock);
  spans.length = 0;
  const ids = createSeededIds();
  const row = await newRun({ store, clock, ids }, makeAgent(), { input: 'Q', ...PAYER });
  await runs.insert(row);
  runId = row.id;
  const claimed = await runs.claim(runId, 'one');
  if (claimed === undefined) throw new RangeError('held');
  watch = hub.subscribe(runId);
  const trace = createRunTrace({ spans: { record: (span) => void spans.push(span) }, ids, row: claimed.row, captureContent: false });
  log = createStepLog({ store, clock, runs, claim: claimed.claim, hub, trace });
});
afterEach(() => store.close());

const loseLease = async (): Promise<void> => {
  await clock.advance(TTL);
  await runs.claim(runId, 'two');
};

describe('once', () => {
  it('does the work, writes it down, and tells of it', async () => {
    const output = await log.once(STEP, async () => {
      await clock.advance(250);
      return { output: { answer: 42 } };
    });

    expect(output).toEqual({ answer: 42 });
    expect(await log.find(0)).toMatchObject({ state: 'succeeded', output: { answer: 42 }, input: { question: 'Q' } });
    expect(watch.take().map((event) => event.type)).toEqual(['step-start', 'step-end']);
    expect(spans).toMatchObject([{ name: 'model', kind: 'step', status: 'ok' }]);
    expect((spans[0]?.endMs ?? 0) - (spans[0]?.startMs ?? 0)).toBe(250);
  });

  it('never does again what has succeeded', async () => {
    let times = 0;
    const work = () => {
      times += 1;
      return Promise.resolve({ output: times });
    };

    expect(await log.once(STEP, work)).toBe(1);
    expect(await log.once(STEP, work)).toBe(1);
    expect(times).toBe(1);
  });

  it('does again what failed, and keeps only the last attempt', async () => {
    await expect(log.once(STEP, () => Promise.reject(new PlatformError('upstream_cut', { message: 'cut' })))).rejects.toMatchObject({ code: 'upstream_cut' });
    expect(await log.find(0)).toMatchObject({ state: 'failed', error: { code: 'upstream_cut', message: 'cut' } });

    await log.once(STEP, () => Promise.resolve({ output: 'fine' }));

    const step = await log.find(0);
    expect(step).toMatchObject({ state: 'succeeded', output: 'fine' });
    expect(step?.error).toBeUndefined();
    expect(await store.db.selectFrom('agent_step').select('attempt').execute()).toEqual([{ attempt: 2 }]);
  });

  it('leaves the step open at a shutdown, and marks it at a cancel', async () => {
    await expect(log.once(STEP, () => Promise.reject(new PlatformError('shutting_down', { message: 'x' })))).rejects.toMatchObject({ code: 'shutting_down' });
    expect((await log.find(0))?.state).toBe('running');

    await expect(log.once(STEP, () => Promise.reject(new PlatformError('cancelled', { message: 'x' })))).rejects.toMatchObject({ code: 'cancelled' });
    expect((await log.find(0))?.state).toBe('cancelled');
  });

  it('writes nothing once the lease has gone', async () => {
    await loseLease();
    let worked = false;

    const late = log.once(STEP, () => {
      worked = true;
      return Promise.resolve({ output: 1 });
    });

    await expect(late).rejects.toMatchObject({ code: 'lease_lost' });
    expect(worked).toBe(false);
    expect(await readSteps(store, runId)).toEqual([]);
  });

  it('drops a result that comes after the lease has gone', async () => {
    const late = log.once(STEP, async () => {
      await loseLease();
      return { output: 'late' };
    });

    await expect(late).rejects.toMatchObject({ code: 'lease_lost' });
    expect((await log.find(0))?.output).toBeUndefined();
  });
});

describe('a tool call', () => {
  const key = () => ({ runId, callId: 'call_0_0' });
  const facts = () => ({ ...key(), index: 0, tool: 'send', arguments: '{"a":1}' });

  it('is completed together with its step, or not at all', async () => {
    const open = await log.begin({ ...STEP, kind: 'tool' }, (db) => calls.markStarted(db, facts()));
    const broken = log.end(open, {
      state: 'succeeded',
      output: 'x',
      also: async (db) => {
        await calls.markCompleted(db, key(), { content: 'x' });
        throw new RangeError('the disk is full');
      },
    });

    await expect(broken).rejects.toThrow('the disk is full');
    expect((await calls.find(key()))?.state).toBe('started');
    expect((await log.find(0))?.state).toBe('running');
  });

  it('is never left once it is completed', async () => {
    await calls.markStarted(store.db, facts());
    await calls.markCompleted(store.db, key(), { content: 'done' });

    await calls.markStarted(store.db, facts());
    await calls.ask(store.db, facts(), 'uncertain');

    expect(await calls.find(key())).toMatchObject({ state: 'completed', result: '{"content":"done"}' });
    expect(await calls.decide(key(), true)).toBe(false);
    expect(await calls.pending(runId)).toEqual([]);
  });

  it('is decided once', async () => {
    await calls.ask(store.db, facts(), 'approval');
    expect(await calls.pending(runId)).toEqual([{ callId: 'call_0_0', tool: 'send', arguments: { a: 1 }, question: 'approval' }]);

    expect(await Promise.all([calls.decide(key(), true), calls.decide(key(), false)])).toEqual([true, false]);
    expect((await calls.find(key()))?.state).toBe('approved');
    expect(await calls.find({ runId, callId: 'other' })).toBeUndefined();
  });

  it('waits as a step that waits', async () => {
    await log.hold({ ...STEP, kind: 'tool' }, (db) => calls.ask(db, facts(), 'approval'));

    expect((await log.find(0))?.state).toBe('waiting');
    expect(watch.take()).toMatchObject([{ type: 'step-start', step: { state: 'waiting' } }]);
  });
});

describe('readSteps', () => {
  it('gives steps in order, from an index on', async () => {
    for (const index of [2, 0, 1]) await log.once({ ...STEP, index }, () => Promise.resolve({ output: index }));

    expect((await readSteps(store, runId)).map((step) => step.index)).toEqual([0, 1, 2]);
    expect((await readSteps(store, runId, 1)).map((step) => step.output)).toEqual([1, 2]);
    expect(await readSteps(store, 'run_x')).toEqual([]);
  });
});
