import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import golden from './context-precision/__fixtures__/ragas-golden.json' with { type: 'json' };
import { averagePrecision } from './context-precision/average-precision.ts';
import { hitAt } from './hit/hit.ts';
import { reciprocalRankAt } from './mrr/mrr.ts';
import { ndcgAt } from './ndcg/ndcg.ts';

const flags = fc.array(fc.boolean(), { maxLength: 30 });
const k = fc.integer({ min: 1, max: 30 });

describe('retrieval metrics', () => {
  it('have the values of their definitions', () => {
    expect(hitAt([false, false, true], 2)).toBe(0);
    expect(hitAt([false, false, true], 3)).toBe(1);
    expect(reciprocalRankAt([false, true, true], 10)).toBe(0.5);
    expect(reciprocalRankAt([false, true], 1)).toBe(0);
    // Places 1 and 3 of three relevant items: (1 + 1/2) / (1 + 1/log2(3) + 1/2).
    expect(ndcgAt([true, false, true], { relevantCount: 3, k: 10 })).toBeCloseTo(1.5 / (1.5 + 1 / Math.log2(3)), 12);
    expect(ndcgAt([true, true], { relevantCount: 2, k: 10 })).toBe(1);
    expect(ndcgAt([], { relevantCount: 0, k: 10 })).toBe(0);
  });

  it('give the values of Ragas to the last digit', () => {
    for (const [verdicts, value] of golden.context_precision as [number[], number][])
      expect(averagePrecision(verdicts.map((verdict) => verdict === 1))).toBe(value);
  });

  it('stay between 0 and 1', () => {
    fc.assert(
      fc.property(flags, k, fc.nat(10), (drawn, depth, more) => {
        const relevantCount = drawn.filter(Boolean).length + more;
        for (const value of [hitAt(drawn, depth), reciprocalRankAt(drawn, depth), ndcgAt(drawn, { relevantCount, k: depth }), averagePrecision(drawn)]) {
          expect(value).toBeGreaterThanOrEqual(0);
          expect(value).toBeLessThanOrEqual(1);
        }
      }),
    );
  });

  it('never fall when a relevant passage moves forward', () => {
    fc.assert(
      fc.property(flags, fc.nat(29), k, (drawn, at, depth) => {
        const place = at % Math.max(1, drawn.length - 1);
        fc.pre(drawn[place] === false && drawn[place + 1] === true);
        const better = drawn.with(place, true).with(place + 1, false);
        const relevantCount = drawn.filter(Boolean).length;

        expect(hitAt(better, depth)).toBeGreaterThanOrEqual(hitAt(drawn, depth));
        expect(reciprocalRankAt(better, depth)).toBeGreaterThanOrEqual(reciprocalRankAt(drawn, depth));
        expect(ndcgAt(better, { relevantCount, k: depth })).toBeGreaterThanOrEqual(ndcgAt(drawn, { relevantCount, k: depth }));
        expect(averagePrecision(better)).toBeGreaterThanOrEqual(averagePrecision(drawn));
      }),
    );
  });

  it('are perfect exactly when everything relevant comes first', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 10 }), fc.nat(10), (relevantCount, rest) => {
        const perfect = [...Array.from({ length: relevantCount }, () => true), ...Array.from({ length: rest }, () => false)];

        expect(ndcgAt(perfect, { relevantCount, k: 30 })).toBe(1);
        expect(reciprocalRankAt(perfect, 1)).toBe(1);
      }),
    );
  });
});
