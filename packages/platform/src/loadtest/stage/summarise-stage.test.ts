import { describe, expect, it } from 'vitest';
import type { RequestSample } from '../request/request-sample.ts';
import type { StagePlan } from './plan-stage.ts';
import { summariseStage } from './summarise-stage.ts';

const plan: StagePlan = {
  name: 'concurrency 2',
  mode: 'concurrency',
  concurrency: 2,
  ratePerS: null,
  durationMs: undefined,
  count: 4,
  request: () => ({ atMs: 0, inputTokens: 1, outputTokens: 1, prompt: () => '' }),
};
const sample = (changes: Partial<RequestSample>): RequestSample => ({
  outcome: 'completed',
  sentMs: 0,
  plannedMs: 0,
  endMs: 500,
  chunkMs: [100, 120, 160, 400],
  inputTokens: 50,
  outputTokens: 4,
  cachedTokens: undefined,
  ...changes,
});
const NO_SLO = { ttftMs: null, tpotMs: null, e2eMs: null };
const summarise = (samples: readonly RequestSample[], slo: { ttftMs: number | null; tpotMs: number | null; e2eMs: number | null } = NO_SLO, streaming = true) =>
  summariseStage(plan, { samples, sent: samples.length, durationMs: 2000, peakConcurrency: 2, complete: true }, { slo, streaming });

describe('the summary of a stage', () => {
  it('tells latencies as the field defines them', () => {
    const stage = summarise([sample({})]);

    expect(stage.ttftMs?.mean).toBe(100);
    expect(stage.secondTokenMs?.mean).toBe(20);
    expect(stage.tpotMs?.mean).toBe(100);
    expect(stage.itlMs).toMatchObject({ count: 3, mean: 100, min: 20, max: 240 });
    expect(stage.e2eMs?.mean).toBe(400);
    expect(stage.outputTokensPerSPerUser?.mean).toBe(10);
  });

  it('counts per second of the whole stage', () => {
    const stage = summarise([sample({}), sample({ sentMs: 1000, chunkMs: [1100, 1900], outputTokens: 8 })]);

    expect([stage.requestsPerS, stage.inputTokensPerS, stage.outputTokensPerS]).toEqual([1, 50, 6]);
    expect(stage.peakOutputTokensPerS).toBe(8);
    expect([stage.inputTokens, stage.outputTokens, stage.cachedTokens]).toEqual([100, 12, null]);
  });

  it('keeps failures out of the latencies, and counts each kind with an example', () => {
    const failed = { outcome: 'failed' as const, chunkMs: [], outputTokens: 0, endMs: 9000 };
    const stage = summarise([
      sample({}),
      sample({ ...failed, errorKind: 'http 429', errorText: 'slow down' }),
      sample({ ...failed, errorKind: 'timeout', errorText: 'late' }),
      sample({ ...failed, errorKind: 'http 429', errorText: 'again' }),
      sample({ ...failed, outcome: 'cancelled' }),
    ]);

    expect(stage.requests).toEqual({ planned: 4, sent: 5, completed: 1, failed: 3, cancelled: 1 });
    expect(stage.errors).toEqual([
      { kind: 'http 429', count: 2, example: 'slow down' },
      { kind: 'timeout', count: 1, example: 'late' },
    ]);
    expect(stage.e2eMs?.max).toBe(400);
  });

  it('counts as good only what is within every bound, as a share of all that was sent', () => {
    const samples = [
      sample({}),
      sample({ chunkMs: [300, 310, 320, 330] }),
      sample({ outcome: 'failed', chunkMs: [] }),
      sample({ chunkMs: [100, 110], outputTokens: 2 }),
    ];

    expect(summarise(samples).withinSlo).toBeNull();
    expect(summarise(samples, { ...NO_SLO, ttftMs: 200 }).withinSlo).toBe(0.5);
    expect(summarise(samples, { ttftMs: 200, tpotMs: 50, e2eMs: null })).toMatchObject({ withinSlo: 0.25, goodputPerS: 0.5 });
    expect(summarise(samples, { ...NO_SLO, e2eMs: 350 }).withinSlo).toBe(0.5);
  });

  it('has no time to a first token without streaming', () => {
    const stage = summarise([sample({ chunkMs: [700] })], { ttftMs: 1, tpotMs: 1, e2eMs: 800 }, false);

    expect([stage.ttftMs, stage.itlMs, stage.tpotMs]).toEqual([null, null, null]);
    expect([stage.e2eMs?.mean, stage.withinSlo]).toEqual([700, 1]);
  });

  it('adds up cached tokens where the server tells them, and the delay of the client', () => {
    const stage = summarise([sample({ cachedTokens: 32 }), sample({ cachedTokens: 0, sentMs: 30, plannedMs: 10 })]);

    expect(stage.cachedTokens).toBe(32);
    expect(stage.sendDelayMs).toMatchObject({ min: 0, max: 20 });
  });

  it('is empty, not zero, when nothing came back', () => {
    const stage = summarise([]);

    expect([stage.ttftMs, stage.e2eMs, stage.inputLength, stage.withinSlo]).toEqual([null, null, null, null]);
    expect(stage.requestsPerS).toBe(0);
  });
});
