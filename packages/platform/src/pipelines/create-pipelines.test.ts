import { PlatformError } from '@maru/api/errors';
import { runSchema, runStepSchema, spanSchema } from '@maru/api/records';
import { afterEach, describe, expect, it } from 'vitest';
import { createFakeClock } from '#time';
import {
  type Bench,
  evaluate,
  eventsOf,
  gate,
  ingest,
  makePipeline,
  openBench,
  openTestStore,
  publish,
  until,
  wholePipeline,
} from './__fixtures__/test-kit.ts';

const TENANT = { tenant: 'acme' };
let bench: Bench;
afterEach(() => bench.close());

const statesOf = async (runId: string): Promise<Record<string, string>> =>
  Object.fromEntries((await bench.pipelines.steps(runId)).map((step) => [step.name, step.state]));
const whatOf = (): string[] => bench.calls.map((call) => call.what);
const never = (signal: AbortSignal): Promise<never> => new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)));

describe('a run of a pipeline', () => {
  it('ingests, measures, passes the gate and publishes, in this order', async () => {
    bench = await openBench();

    const run = await bench.pipelines.start(wholePipeline(), TENANT);
    const events = await eventsOf(bench.pipelines, run.id);

    expect(whatOf()).toEqual(['ingest handbook', 'evaluate answers', 'publish auto']);
    expect(events.map((event) => event.type)).toEqual([
      'run-queued',
      ...['step-start', 'step-end', 'step-start', 'step-end', 'step-start', 'step-end', 'step-start', 'step-end'],
      'run-end',
    ]);
    const end = runSchema.parse(await bench.pipelines.get(run.id));
    expect(end).toMatchObject({ state: 'succeeded', progress: 1, kind: 'pipeline', resource: 'nightly', tenant: 'acme' });
    expect(end.output).toMatchObject({ handbook: { documents: 3 }, measure: { means: { hit: 0.9 } }, serve: { route: 'auto' } });
  });

  it('gives every attempt of a step the same idempotency key, and each step another', async () => {
    let failures = 0;
    bench = await openBench({
      ingest: () => {
        failures += 1;
        return failures <= 2 ? Promise.reject(new PlatformError('upstream_timeout', { message: 'slow' })) : Promise.resolve({});
      },
    });

    const run = await bench.pipelines.start(makePipeline([ingest('a', [], { retries: 2 }), ingest('b', ['a'])]), TENANT);
    await until(async () => {
      await bench.clock.advance(60_000);
      return (await bench.pipelines.get(run.id))?.state === 'succeeded';
    });

    expect(bench.calls.map((call) => call.context.idempotencyKey)).toEqual([`${run.id}/a`, `${run.id}/a`, `${run.id}/a`, `${run.id}/b`]);
  });

  it('runs steps side by side where nothing stands between them', async () => {
    const open = new Map<string, () => void>();
    bench = await openBench({ ingest: (name) => new Promise((resolve) => open.set(name, () => resolve({}))) });

    const run = await bench.pipelines.start(makePipeline([ingest('a'), ingest('b'), ingest('c', ['a', 'b'])]), TENANT);
    await until(() => open.size === 2);
    expect(await statesOf(run.id)).toEqual({ a: 'running', b: 'running', c: 'queued' });

    open.get('b')?.();
    await until(async () => (await statesOf(run.id))['b'] === 'succeeded');
    expect(open.has('c')).toBe(false);
    open.get('a')?.();
    await until(() => open.has('c'));
    open.get('c')?.();

    expect((await eventsOf(bench.pipelines, run.id)).at(-1)?.type).toBe('run-end');
  });

  it('stops everything behind a closed gate, and nothing else', async () => {
    bench = await openBench({ means: { hit: 0.5 } });
    const pipeline = makePipeline([
      evaluate('measure'),
      gate('good-enough', ['measure']),
      publish('serve', ['good-enough']),
      ingest('after', ['serve']),
      ingest('aside', ['measure']),
    ]);

    const run = await bench.pipelines.start(pipeline, TENANT);
    await eventsOf(bench.pipelines, run.id);

    expect(await statesOf(run.id)).toEqual({ measure: 'succeeded', 'good-enough': 'failed', serve: 'cancelled', after: 'cancelled', aside: 'succeeded' });
    expect(whatOf()).not.toContain('publish auto');
    const end = await bench.pipelines.get(run.id);
    expect(end?.state).toBe('failed');
    expect(end?.error).toEqual({ code: 'gate_failed', message: 'step "good-enough": the gate "good-enough" is closed: hit is 0.5 (needs 0.8)' });
    const skipped = (await bench.pipelines.steps(run.id)).find((step) => step.name === 'serve');
    expect(skipped?.error?.message).toMatch(/^skipped/);
  });

  it('does not try a closed gate again', async () => {
    bench = await openBench({ means: { hit: 0.5 } });

    const run = await bench.pipelines.start(makePipeline([evaluate('measure'), { ...gate('g', ['measure']), retries: 5 }]), TENANT);
    await eventsOf(bench.pipelines, run.id);

    expect((await bench.pipelines.steps(run.id)).at(-1)?.input).toEqual({ attempt: 1 });
  });

  it('tries a failing step again after a pause, and gives up after its retries', async () => {
    bench = await openBench({ ingest: () => Promise.reject(new PlatformError('upstream_unreachable', { message: 'no answer' })) });

    const run = await bench.pipelines.start(makePipeline([ingest('a', [], { retries: 3 })]), TENANT);
    await until(() => bench.calls.length === 1);
    await until(async () => {
      await bench.clock.advance(60_000);
      return (await bench.pipelines.get(run.id))?.state === 'failed';
    });

    expect(bench.calls).toHaveLength(4);
    expect((await bench.pipelines.get(run.id))?.error).toEqual({ code: 'upstream_unreachable', message: 'step "a": no answer' });
  });

  it('hides what an unknown error says', async () => {
    bench = await openBench({ ingest: () => Promise.reject(new TypeError('password=hunter2')) });

    const run = await bench.pipelines.start(makePipeline([ingest('a')]), TENANT);
    await eventsOf(bench.pipelines, run.id);

    expect(JSON.stringify(await bench.pipelines.steps(run.id))).not.toContain('hunter2');
    expect((await bench.pipelines.get(run.id))?.error?.code).toBe('run_failed');
  });

  it('ends a step that takes longer than its timeout', async () => {
    let aborted = false;
    bench = await openBench({
      ingest: (_, signal) => {
        signal.addEventListener('abort', () => {
          aborted = true;
        });
        return new Promise(() => undefined);
      },
    });

    const run = await bench.pipelines.start(makePipeline([ingest('a', [], { timeout: '10s' })]), TENANT);
    await until(() => bench.calls.length === 1);
    await bench.clock.advance(10_001);
    await eventsOf(bench.pipelines, run.id);

    expect(aborted).toBe(true);
    expect((await bench.pipelines.get(run.id))?.error?.code).toBe('run_timeout');
  });

  it('is refused when its steps are wrong, and leaves nothing behind', async () => {
    bench = await openBench();

    await expect(bench.pipelines.start(makePipeline([ingest('a', ['b']), ingest('b', ['a'])]), TENANT)).rejects.toMatchObject({ code: 'reference_cycle' });
    expect((await bench.pipelines.list()).items).toEqual([]);
  });

  it('has one trace: the pipeline above its steps', async () => {
    bench = await openBench();

    const run = await bench.pipelines.start(wholePipeline(), TENANT);
    await eventsOf(bench.pipelines, run.id);
    await until(() => bench.spans.some((span) => span.kind === 'pipeline'));

    const root = bench.spans.find((span) => span.kind === 'pipeline');
    for (const span of bench.spans) spanSchema.parse(span);
    expect(new Set(bench.spans.map((span) => span.traceId))).toEqual(new Set([run.traceId]));
    expect(bench.spans.filter((span) => span.kind === 'step').map((span) => span.parentSpanId)).toEqual(Array(4).fill(root?.spanId));
    expect(bench.calls[0]?.context.traceparent).toContain(run.traceId);
  });
});

describe('cancelling a run', () => {
  it('stops the step that runs and those that wait', async () => {
    bench = await openBench({ ingest: (_, signal) => never(signal) });
    const run = await bench.pipelines.start(makePipeline([ingest('a'), ingest('b', ['a'])]), TENANT);
    await until(() => bench.calls.length === 1);

    const cancelled = await bench.pipelines.cancel(run.id);

    expect(cancelled.state).toBe('cancelled');
    expect(await statesOf(run.id)).toEqual({ a: 'cancelled', b: 'cancelled' });
  });

  it('ends a step that does not listen', async () => {
    bench = await openBench({ ingest: () => new Promise(() => undefined) });
    const run = await bench.pipelines.start(makePipeline([ingest('a')]), TENANT);
    await until(() => bench.calls.length === 1);

    expect((await bench.pipelines.cancel(run.id)).state).toBe('cancelled');
  });

  it('leaves a run alone that has ended', async () => {
    bench = await openBench();
    const run = await bench.pipelines.start(wholePipeline(), TENANT);
    await eventsOf(bench.pipelines, run.id);

    expect((await bench.pipelines.cancel(run.id)).state).toBe('succeeded');
  });

  it('says when there is no such run', async () => {
    bench = await openBench();

    await expect(bench.pipelines.cancel('run_x')).rejects.toMatchObject({ code: 'not_found' });
    await expect(eventsOf(bench.pipelines, 'run_x')).rejects.toMatchObject({ code: 'not_found' });
    expect(await bench.pipelines.get('run_x')).toBeUndefined();
  });

  it('reaches a run of another process with its next sign of life', async () => {
    const store = await openTestStore();
    const clock = createFakeClock();
    bench = await openBench({ store, clock, ingest: (_, signal) => never(signal) });
    const other = await openBench({ store, clock, seed: 2 });
    const run = await bench.pipelines.start(makePipeline([ingest('a')]), TENANT);
    await until(() => bench.calls.length === 1);

    await other.pipelines.cancel(run.id);
    await clock.advance(6_000);
    await until(async () => (await bench.pipelines.get(run.id))?.state === 'cancelled');

    await other.close();
    expect(other.calls).toEqual([]);
  });
});

describe('stopping and going on', () => {
  it('goes on where it stopped, without doing a finished step again', async () => {
    const store = await openTestStore();
    const clock = createFakeClock();
    bench = await openBench({ store, clock, ingest: (name, signal) => (name === 'b' ? never(signal) : Promise.resolve({})) });
    const run = await bench.pipelines.start(makePipeline([ingest('a'), ingest('b', ['a']), publish('c', ['b'])]), TENANT);
    await until(() => bench.calls.length === 2);
    await bench.pipelines.close();
    expect((await bench.pipelines.get(run.id))?.state).toBe('queued');

    bench = await openBench({ store, clock, seed: 2 });
    const resumed = await bench.pipelines.resume();
    await eventsOf(bench.pipelines, run.id);

    expect(resumed).toEqual([run.id]);
    expect(whatOf()).toEqual(['ingest b', 'publish auto']);
    expect((await bench.pipelines.get(run.id))?.state).toBe('succeeded');
  });

  it('leaves a run to its holder while the lease runs, and takes it when it has run out', async () => {
    const store = await openTestStore();
    const dead = createFakeClock();
    const first = await openBench({ store, clock: dead, ingest: (_, signal) => never(signal) });
    const run = await first.pipelines.start(makePipeline([ingest('a')]), TENANT);
    await until(() => first.calls.length === 1);

    // The first process no longer gives a sign of life: its clock stands still while that of the second goes on.
    bench = await openBench({ store, clock: createFakeClock(dead.nowMs()), seed: 2 });
    expect(await bench.pipelines.resume()).toEqual([]);
    await bench.clock.advance(15_001);
    await until(async () => (await bench.pipelines.get(run.id))?.state === 'succeeded');

    expect(whatOf()).toEqual(['ingest a']);
    await first.pipelines.close();
    expect((await bench.pipelines.get(run.id))?.state).toBe('succeeded');
  });

  it('takes a run over at once when it is alone with its database', async () => {
    const store = await openTestStore();
    const clock = createFakeClock();
    const first = await openBench({ store, clock, ingest: (_, signal) => never(signal) });
    const run = await first.pipelines.start(makePipeline([ingest('a')]), TENANT);
    await until(() => first.calls.length === 1);

    bench = await openBench({ store, clock, seed: 2 });
    expect(await bench.pipelines.resume({ takeOver: true })).toEqual([run.id]);
    await eventsOf(bench.pipelines, run.id);
    await first.close();

    expect((await bench.pipelines.get(run.id))?.state).toBe('succeeded');
  });

  it('refuses new runs after it was closed', async () => {
    bench = await openBench();
    await bench.pipelines.close();

    await expect(bench.pipelines.start(wholePipeline(), TENANT)).rejects.toMatchObject({ code: 'shutting_down' });
    expect(bench.clock.pending()).toBe(0);
  });
});

describe('the list of runs', () => {
  it('shows the newest first, in pages', async () => {
    bench = await openBench();
    const started: string[] = [];
    for (let count = 0; count < 5; count += 1) {
      started.push((await bench.pipelines.start(makePipeline([ingest('a')], {}, count % 2 === 0 ? 'even' : 'odd'), TENANT)).id);
      await bench.clock.advance(1);
    }

    const first = await bench.pipelines.list({ limit: 3 });
    const second = await bench.pipelines.list({ limit: 3, cursor: first.nextCursor ?? '' });

    expect([...first.items, ...second.items].map((run) => run.id)).toEqual(started.reverse());
    expect(second.nextCursor).toBeNull();
    expect((await bench.pipelines.list({ pipeline: 'odd' })).items).toHaveLength(2);
    expect((await bench.pipelines.list({ tenant: 'other' })).items).toEqual([]);
    expect((await bench.pipelines.list({ state: 'failed' })).items).toEqual([]);
  });

  it('refuses a cursor that is not its own', async () => {
    bench = await openBench();

    await expect(bench.pipelines.list({ cursor: "1' or 1=1" })).rejects.toMatchObject({ code: 'invalid_request' });
  });

  it('shows steps that have not begun, in a form that the records allow', async () => {
    bench = await openBench({ ingest: (_, signal) => never(signal) });
    const run = await bench.pipelines.start(makePipeline([ingest('a'), ingest('b', ['a'])]), TENANT);
    await until(() => bench.calls.length === 1);

    for (const step of await bench.pipelines.steps(run.id)) runStepSchema.parse(step);
    expect(await statesOf(run.id)).toEqual({ a: 'running', b: 'queued' });
    expect((await bench.pipelines.get(run.id))?.progress).toBe(0);
  });
});

describe('pipelines with a schedule', () => {
  const at = Date.parse('2026-11-21T02:59:30Z');

  it('start when they are due', async () => {
    bench = await openBench({ clock: createFakeClock(at) });

    bench.pipelines.schedule([makePipeline([ingest('a')], { schedule: '0 3 * * *' })], TENANT);
    await bench.clock.advance(60_000);
    await until(() => bench.calls.length === 1);

    const [run] = (await bench.pipelines.list()).items;
    expect(run?.input).toEqual({ cause: 'schedule 2026-11-21T03:00:00.000Z' });
    expect(run?.tenant).toBe('acme');
  });

  it('start once, though two replicas wake up', async () => {
    const store = await openTestStore();
    const clock = createFakeClock(at);
    bench = await openBench({ store, clock });
    const other = await openBench({ store, clock, seed: 2 });
    const pipeline = makePipeline([ingest('a')], { schedule: '0 3 * * *' });

    bench.pipelines.schedule([pipeline], TENANT);
    other.pipelines.schedule([pipeline], TENANT);
    await clock.advance(60_000);
    await until(async () => (await bench.pipelines.list()).items.every((run) => run.state === 'succeeded'));

    expect((await bench.pipelines.list()).items).toHaveLength(1);
    expect(bench.calls.length + other.calls.length).toBe(1);
    await other.close();
  });

  it('are refused when their expression is wrong', async () => {
    bench = await openBench();

    expect(() => bench.pipelines.schedule([makePipeline([ingest('a')], { schedule: 'soon' })], TENANT)).toThrow(
      expect.objectContaining({ code: 'resource_invalid' }),
    );
  });
});
