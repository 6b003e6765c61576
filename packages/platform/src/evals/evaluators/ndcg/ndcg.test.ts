import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createNdcg, ndcgAt } from './ndcg.ts';

describe('ndcg', () => {
  it('has the value of its definition', () => {
    // Places 1 and 3 of three relevant items: (1 + 1/2) / (1 + 1/log2(3) + 1/2).
    expect(ndcgAt([true, false, true], { relevantCount: 3, k: 10 })).toBeCloseTo(1.5 / (1.5 + 1 / Math.log2(3)), 12);
    expect(ndcgAt([false, true], { relevantCount: 1, k: 1 })).toBe(0);
    expect(ndcgAt([], { relevantCount: 0, k: 10 })).toBe(0);
  });

  it('is 1 exactly when everything relevant comes first', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 10 }), fc.nat(10), (relevantCount, rest) => {
        const perfect = [...Array.from({ length: relevantCount }, () => true), ...Array.from({ length: rest }, () => false)];

        expect(ndcgAt(perfect, { relevantCount, k: 30 })).toBe(1);
        expect(ndcgAt([false, ...perfect], { relevantCount, k: 30 })).toBeLessThan(1);
      }),
    );
  });

  it('stays between 0 and 1, and never falls when a relevant passage moves forward', () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { minLength: 2, maxLength: 30 }), fc.nat(28), fc.integer({ min: 1, max: 30 }), (flags, at, k) => {
        const relevantCount = flags.filter(Boolean).length;
        const value = ndcgAt(flags, { relevantCount, k });
        expect(value).toBeGreaterThanOrEqual(0);
        expect(value).toBeLessThanOrEqual(1);
        const place = at % (flags.length - 1);
        fc.pre(flags[place] === false && flags[place + 1] === true);

        expect(ndcgAt(flags.with(place, true).with(place + 1, false), { relevantCount, k })).toBeGreaterThanOrEqual(value);
      }),
    );
  });

  it('counts a relevant item once although it is listed or found twice', async () => {
    const passages = ['a.md', 'a.md', 'b.md'].map((document) => ({ document, text: '' }));
    const row = { input: 'q', expected: undefined, relevant: ['a.md', 'a.md'], answer: '', passages };

    expect(await createNdcg({ k: 10 }).evaluate(row, new AbortController().signal)).toEqual({ type: 'score', value: 1 });
  });
});
