import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createHit, hitAt } from './hit.ts';

describe('hit', () => {
  it('is 1 when something relevant is among the first k', () => {
    expect(hitAt([false, false, true], 2)).toBe(0);
    expect(hitAt([false, false, true], 3)).toBe(1);
    expect(hitAt([], 3)).toBe(0);
  });

  it('never falls with a greater k', () => {
    fc.assert(
      fc.property(fc.array(fc.boolean()), fc.integer({ min: 1, max: 30 }), (flags, k) => {
        expect(hitAt(flags, k + 1)).toBeGreaterThanOrEqual(hitAt(flags, k));
      }),
    );
  });

  it('is not applicable to a row that names nothing relevant', async () => {
    const row = { input: 'q', expected: undefined, relevant: [], answer: 'a', passages: [] };

    expect(await createHit({ k: 5 }).evaluate(row, new AbortController().signal)).toMatchObject({ type: 'not-applicable' });
  });
});
