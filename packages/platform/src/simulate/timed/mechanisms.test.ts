import { type TwinMechanisms, twinMechanismsSchema } from '@maru/api/resources';
import { describe, expect, it } from 'vitest';
import type { z } from 'zod';
import { twinProfile } from '#engines';
import { makeTrace } from '../__fixtures__/make-trace.ts';
import type { PolicyResult } from '../report/result.ts';
import type { Trace, TraceRequest } from '../trace/trace-request.ts';
import { timedRun } from './timed-run.ts';

const base = makeTrace(150, { perSecond: 6 });
const withEach = (more: (index: number) => Partial<TraceRequest>): Trace => ({
  ...base,
  requests: base.requests.map((request, index) => ({ ...request, ...more(index) })),
});

/** Two replicas with little memory; `trace` with what its engines do. */
function play(mechanisms: z.input<typeof twinMechanismsSchema>, trace: Trace = base, rateScale = 1): ReturnType<typeof timedRun> {
  const profile = { ...twinProfile('h100-llama-3.1-8b'), mechanisms: twinMechanismsSchema.parse(mechanisms) satisfies TwinMechanisms };
  const options = { policy: 'least-request', replicas: 2, kvBlocks: 80, maxBatchedTokens: 2048, maxNumSeqs: 32, seed: 1, rateScale };
  const run = timedRun({ ...options, trace, profile, slo: undefined, gpuUsdPerHour: undefined });
  expect(run.result.completed).toBe(150);
  return run;
}
const plain: PolicyResult = play({}).result;
const [itlMs, e2eMs] = [plain.itlMs.mean ?? Number.NaN, plain.e2eMs.mean ?? Number.NaN];

describe('mechanisms of the engine in virtual time', () => {
  it('change nothing where none is asked for, and give the same result again where some are', () => {
    const some = { speculation: { tokens: 3, acceptance: 0.6 }, lora: { maxLoras: 1 }, scheduling: 'priority' as const };

    expect(play({ scheduling: 'priority', lora: {} }).result).toEqual(plain);
    expect(play(some).result).toEqual(play(some).result);
  });

  it('shorten the time between tokens by drafts that are accepted, and lengthen it by those that are not', () => {
    const [good, bad] = [0.9, 0].map((acceptance) => play({ speculation: { tokens: 4, acceptance, draftMs: 1 } }).result.itlMs.mean ?? Number.NaN);

    expect(good).toBeLessThan(itlMs / 2);
    expect(bad).toBeGreaterThan(itlMs);
  });

  it('serve what is important sooner than the rest, at the cost of the rest', () => {
    const trace = withEach((index) => ({ priority: index % 5 === 0 ? 0 : 9, stage: index % 5 === 0 ? 'first' : 'rest' }));
    const stages = (scheduling: 'fcfs' | 'priority') => play({ scheduling }, trace, 8).stages;
    const [fair, unfair] = [stages('fcfs'), stages('priority')];
    const ttft = (of: typeof fair, stage: string): number => of.get(stage)?.ttftMs.mean ?? Number.NaN;

    expect(ttft(unfair, 'first')).toBeLessThan(ttft(fair, 'first') * 0.7);
    expect(ttft(unfair, 'rest')).toBeGreaterThan(ttft(fair, 'rest'));
  });

  it('hold requests up that need more adapters than there are slots', () => {
    const trace = withEach((index) => ({ adapter: `adapter-${index % 6}` }));
    const [one, six] = [1, 6].map((maxLoras) => play({ lora: { maxLoras, loadMs: 30 } }, trace).result);

    expect(one?.ttftMs.mean).toBeGreaterThan((six?.ttftMs.mean ?? 0) * 1.5);
  });

  it('find more in the memory of the host than the GPU holds', () => {
    expect(play({ kvOffload: { cpuTokens: 1_000_000 } }).result.hitRate).toBeGreaterThan(plain.hitRate);
  });

  it('hold more requests where layers look at a window only', () => {
    const windowed = play({ slidingWindow: { tokens: 1024, groups: 4, fullGroups: 1 } }).result;

    expect(windowed.preemptions).toBeLessThanOrEqual(plain.preemptions);
    expect(windowed.e2eMs.mean).toBeLessThan(e2eMs);
  });
});
