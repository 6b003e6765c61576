import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decideVerdict } from './decide-verdict.ts';
import { toRowScore } from './row-scores.ts';

const evaluators = [
  { name: 'hit@1', type: 'hit' },
  { name: 'hit@5', type: 'hit' },
  { name: 'faithfulness', type: 'faithfulness' },
];
const scored = (value: number | null, applies = true) => ({ value, reason: null, applies });
const row = (scores: Record<string, ReturnType<typeof scored>>, failed = false) => ({ failed, scores });

describe('the verdict of an evaluation', () => {
  it('is none without thresholds', () => {
    expect(decideVerdict({ evaluators, thresholds: {} }, [row({ 'hit@1': scored(0) })])).toEqual({
      verdict: null,
      reasons: [],
      means: { 'hit@1': 0, 'hit@5': null, faithfulness: null },
    });
  });

  it('holds a threshold by type against every evaluator of the type, and one by name against that one', () => {
    const rows = [row({ 'hit@1': scored(0), 'hit@5': scored(1) }), row({ 'hit@1': scored(1), 'hit@5': scored(1) })];

    expect(decideVerdict({ evaluators, thresholds: { hit: 0.8 } }, rows)).toMatchObject({ verdict: 'fail', reasons: ['hit@1 is 0.5, below 0.8'] });
    expect(decideVerdict({ evaluators, thresholds: { 'hit@5': 0.8 } }, rows)).toMatchObject({ verdict: 'pass', reasons: [] });
  });

  it('fails when a demanded score is missing, and says on how many rows', () => {
    const rows = [row({ faithfulness: scored(1) }), row({ faithfulness: scored(null) }), row({ faithfulness: scored(null, false) })];

    expect(decideVerdict({ evaluators, thresholds: { faithfulness: 0.5 } }, rows)).toMatchObject({
      verdict: 'fail',
      reasons: ['faithfulness has no score on 1 of 3 rows'],
      means: { faithfulness: 1 },
    });
  });

  it('leaves out rows that an evaluator does not apply to, but fails when it applies to none', () => {
    expect(
      decideVerdict({ evaluators, thresholds: { faithfulness: 1 } }, [row({ faithfulness: scored(1) }), row({ faithfulness: scored(null, false) })]).verdict,
    ).toBe('pass');
    expect(decideVerdict({ evaluators, thresholds: { faithfulness: 0 } }, [row({ faithfulness: scored(null, false) })])).toMatchObject({
      verdict: 'fail',
      reasons: ['faithfulness has no score on any row'],
    });
  });

  it('fails for a threshold that no evaluator answers to', () => {
    expect(decideVerdict({ evaluators, thresholds: { ndcg: 0.5 } }, [])).toMatchObject({ verdict: 'fail' });
  });

  it('is not decided by the rounding of a mean', () => {
    const rows = Array.from({ length: 10 }, () => row({ 'hit@1': scored(0.1 + 0.2) }));

    expect(decideVerdict({ evaluators, thresholds: { 'hit@1': 0.3 } }, rows).verdict).toBe('pass');
  });

  it('has means between the least and the greatest score, and passes exactly at or above the threshold', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1 }), fc.double({ min: 0, max: 1, noNaN: true }), (values, threshold) => {
        const { means, verdict } = decideVerdict(
          { evaluators, thresholds: { 'hit@1': threshold } },
          values.map((value) => row({ 'hit@1': scored(value) })),
        );
        const mean = means['hit@1'] ?? Number.NaN;

        expect(mean).toBeGreaterThanOrEqual(Math.min(...values) - 1e-12);
        expect(mean).toBeLessThanOrEqual(Math.max(...values) + 1e-12);
        if (Math.abs(mean - threshold) > 1e-6) expect(verdict).toBe(mean >= threshold ? 'pass' : 'fail');
      }),
    );
  });

  it('treats a score that is not a number as missing', () => {
    expect(toRowScore({ type: 'score', value: Number.NaN })).toEqual({ value: null, reason: 'the score is not a number', applies: true });
  });
});
