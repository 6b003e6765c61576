import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createMrr, reciprocalRankAt } from './mrr.ts';

describe('mrr', () => {
  it('is 1 over the place of the first relevant passage', () => {
    expect(reciprocalRankAt([true], 10)).toBe(1);
    expect(reciprocalRankAt([false, true, true], 10)).toBe(0.5);
    expect(reciprocalRankAt([false, true], 1)).toBe(0);
  });

  it('stays between 0 and 1, and never falls when the first relevant passage moves forward', () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { maxLength: 30 }), fc.integer({ min: 1, max: 30 }), (flags, k) => {
        const value = reciprocalRankAt(flags, k);

        expect(value).toBeGreaterThanOrEqual(0);
        expect(value).toBeLessThanOrEqual(1);
        expect(reciprocalRankAt(flags.slice(1), k)).toBeGreaterThanOrEqual(flags[0] === true ? 0 : value);
      }),
    );
  });

  it('matches passages by the relevant items of the row', async () => {
    const passages = ['b.md', 'a.md'].map((document) => ({ document, text: '' }));
    const row = { input: 'q', expected: undefined, relevant: ['a.md'], answer: '', passages };

    expect(await createMrr({ k: 10 }).evaluate(row, new AbortController().signal)).toEqual({ type: 'score', value: 0.5 });
  });
});
