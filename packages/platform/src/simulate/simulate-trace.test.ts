import { describe, expect, it } from 'vitest';
import { makeTrace } from './__fixtures__/make-trace.ts';
import type { PolicyResult } from './report/result.ts';
import { type SimulateOptions, simulateTrace } from './simulate-trace.ts';

const trace = makeTrace(300);
const timed = (policy: string, more: Partial<SimulateOptions> = {}): PolicyResult => {
  const [result] = simulateTrace({ trace, replicas: 4, policies: [policy], ...more }).timed;
  return result ?? expect.fail('no result');
};

describe('simulating a trace', () => {
  it('completes every request and measures it', () => {
    const result = timed('maru', { slo: { ttftMs: 1000, itlMs: 50 }, gpuUsdPerHour: 4 });

    expect(result).toMatchObject({ policy: 'maru', requests: 300, completed: 300, rejected: 0 });
    for (const summary of [result.ttftMs, result.itlMs, result.e2eMs]) {
      expect(summary.p50).toBeGreaterThan(0);
      expect(summary.p99).toBeGreaterThanOrEqual(summary.p50 ?? 0);
    }
    expect(result.e2eMs.mean).toBeGreaterThan(result.ttftMs.mean ?? 0);
    expect(result.withinSlo).toBeGreaterThan(0.5);
    expect(result.hitRate).toBeGreaterThan(0);
    expect(result.hitRate).toBeLessThan(1);
    expect(result.imbalance).toBeGreaterThanOrEqual(1);
  });

  it('gives the same figures for the same seed', () => {
    for (const policy of ['maru', 'random', 'sglang-cache-aware']) expect(timed(policy, { seed: 5 })).toEqual(timed(policy, { seed: 5 }));
    expect(timed('random', { seed: 5 })).not.toEqual(timed('random', { seed: 6 }));
  });

  it('never reports a first token sooner than the overhead and one step', () => {
    const one = { ...trace, requests: [{ atMs: 0, inputTokens: 128, outputTokens: 10, blocks: [1] }] };
    const [result] = simulateTrace({ trace: one, replicas: 1, policies: ['random'] }).timed;

    expect(result?.ttftMs.mean).toBeCloseTo(15, 0);
    expect(result?.itlMs.mean).toBeCloseTo(7, 0);
    expect(result?.makespanMs).toBe(result?.e2eMs.mean);
  });

  it('expects about the hits that are realised', () => {
    const result = timed('maru');

    expect(Math.abs(result.expectedHitRate - result.hitRate)).toBeLessThan(0.05);
  });

  it('shows that a policy that knows the prefixes beats one that does not', () => {
    const [blind, maru] = simulateTrace({ trace: makeTrace(400, { perSecond: 12 }), replicas: 4, policies: ['random', 'maru'] }).timed;

    expect(maru?.hitRate).toBeGreaterThan(blind?.hitRate ?? 1);
    expect(maru?.ttftMs.mean).toBeLessThan(blind?.ttftMs.mean ?? 0);
  });

  it('gets slower when requests arrive faster, and cheaper per token', () => {
    const [calm, busy] = [1, 8].map((rateScale) => timed('least-request', { rateScale, gpuUsdPerHour: 4 }));

    expect(busy?.ttftMs.mean).toBeGreaterThan(calm?.ttftMs.mean ?? 0);
    expect(busy?.usdPerMillionTokens).toBeLessThan(calm?.usdPerMillionTokens ?? 0);
  });

  it('reckons money by replicas, price and time', () => {
    const result = timed('maru', { gpuUsdPerHour: 3.6 });
    const tokens = trace.requests.reduce((sum, request) => sum + request.inputTokens + request.outputTokens, 0);

    expect(result.usdPerMillionTokens).toBeCloseTo((4 * 0.001 * (result.makespanMs / 1000) * 1e6) / tokens, 9);
    expect(timed('maru').usdPerMillionTokens).toBeNull();
    expect(timed('maru').goodputPerS).toBeNull();
  });

  it('counts requests that can never fit instead of failing', () => {
    const result = timed('maru', { kvBlocks: 7 });

    expect(result.rejected).toBeGreaterThan(0);
    expect(result.completed + result.rejected).toBe(300);
  });

  it('preempts and still completes when memory is short', () => {
    const result = timed('least-request', { kvBlocks: 24, rateScale: 4 });

    expect(result).toMatchObject({ completed: 300, rejected: 0 });
    expect(result.longestQueue).toBeGreaterThan(0);
  });

  it('says which profile it used and whether it was measured', () => {
    expect(simulateTrace({ trace, replicas: 1, policies: ['random'], profile: 'h100-tp2-qwen3-32b' }).profile).toMatchObject({
      name: 'h100-tp2-qwen3-32b',
      status: 'published',
    });
  });

  it.each([
    ['an unknown policy', { policies: ['best'] }, /no routing policy is called "best"/],
    ['no policy', { policies: [] }, /name one or more of: maru/],
    ['an unknown profile', { profile: 'b900' }, /no timing profile is called "b900"/],
    ['no replica', { replicas: 0 }, /replicas must be a whole number/],
    ['half a replica', { replicas: 1.5 }, /replicas must be a whole number/],
    ['no memory', { kvBlocks: 0 }, /KV blocks must be/],
    ['no rate', { rateScale: 0 }, /rate scale must be above 0/],
    ['no budget', { maxBatchedTokens: 0 }, /maxBatchedTokens must be/],
  ])('refuses %s', (_name, options, message) => {
    const run = (): unknown => simulateTrace({ trace, replicas: 2, policies: ['maru'], ...options });

    expect(run).toThrow(message);
    expect(run).toThrow(expect.objectContaining({ code: 'config_invalid' }));
  });

  it('meets the golden figures of a small trace', () => {
    const result = timed('maru', { seed: 1, slo: { ttftMs: 500 }, gpuUsdPerHour: 4 });
    const rounded = (value: number | null): number => Math.round((value ?? 0) * 1000) / 1000;

    expect([result.ttftMs.mean, result.itlMs.mean, result.e2eMs.mean, result.hitRate, result.imbalance, result.withinSlo].map(rounded)).toMatchInlineSnapshot(`
      [
        76.898,
        7.616,
        978.915,
        0.64,
        1.082,
        1,
      ]
    `);
  });
});
