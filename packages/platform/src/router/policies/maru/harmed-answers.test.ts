import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Batch, harmedAnswers } from './harmed-answers.ts';

const batch = (facts: Partial<Batch> = {}): Batch => ({
  others: 80,
  decoded: { ms: 0, tokens: 0 },
  outputTokens: 1000,
  emptyStepMs: 20,
  othersStepMs: 24,
  ownStepMs: 0.4,
  decodeShare: 1,
  holdsUpMs: 0,
  ...facts,
});

describe('harmed answers', () => {
  it('are none without a bound, in an empty batch, and far from the bound', () => {
    expect(harmedAnswers(undefined, batch())).toBe(0);
    expect(harmedAnswers(50, batch({ others: 0 }))).toBe(0);
    expect(harmedAnswers(50, batch({ othersStepMs: 10 }))).toBeLessThan(1e-6);
  });

  it('are many where a batch just keeps its bound, and none where it is lost already', () => {
    const justKept = harmedAnswers(50, batch({ othersStepMs: 29.9 }));

    expect(justKept).toBeGreaterThan(5);
    expect(harmedAnswers(50, batch({ othersStepMs: 80 }))).toBeLessThan(0.01);
  });

  it('are fewer where the answers were fast until now', () => {
    const slowNow = { othersStepMs: 30 };

    expect(harmedAnswers(50, batch({ ...slowNow, decoded: { ms: 400 * 30, tokens: 400 } }))).toBeLessThan(harmedAnswers(50, batch(slowNow)) / 10);
  });

  it('count the time for which the prompt holds all of them up', () => {
    const near = { othersStepMs: 28.5 };

    expect(harmedAnswers(50, batch({ ...near, holdsUpMs: 500 }))).toBeGreaterThan(harmedAnswers(50, batch(near)));
  });

  it('are never negative, nor more than there are', () => {
    const anyMs = fc.double({ min: 0, max: 1e6, noNaN: true });
    fc.assert(
      fc.property(fc.nat(500), anyMs, fc.nat(5000), fc.nat(5000), anyMs, (others, ms, tokens, outputTokens, othersStepMs) => {
        const harmed = harmedAnswers(50, batch({ others, decoded: { ms, tokens }, outputTokens, othersStepMs, holdsUpMs: 100 }));

        expect(harmed).toBeGreaterThanOrEqual(0);
        expect(harmed).toBeLessThanOrEqual(others);
      }),
    );
  });
});
