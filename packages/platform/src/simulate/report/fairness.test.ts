import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fairnessOf } from './fairness.ts';

describe('fairness', () => {
  it('is 1 where each got what it asked for, or all the same', () => {
    expect(fairnessOf([{ asked: 5, got: 5 }])).toBe(1);
    expect(
      fairnessOf([
        { asked: 5, got: 5 },
        { asked: 100, got: 100 },
      ]),
    ).toBeCloseTo(1, 12);
    expect(
      fairnessOf([
        { asked: 50, got: 10 },
        { asked: 90, got: 10 },
      ]),
    ).toBeCloseTo(1, 12);
  });

  it('is 1 where who asks for little gets it all, and the rest is divided', () => {
    expect(
      fairnessOf([
        { asked: 4, got: 4 },
        { asked: 100, got: 8 },
        { asked: 100, got: 8 },
      ]),
    ).toBeCloseTo(1, 12);
  });

  it('is 1/n where one got everything', () => {
    expect(
      fairnessOf([
        { asked: 100, got: 40 },
        { asked: 100, got: 0 },
        { asked: 100, got: 0 },
        { asked: 100, got: 0 },
      ]),
    ).toBeCloseTo(0.25, 12);
  });

  it('is nothing where nothing was given, and leaves out who asked for nothing', () => {
    expect(fairnessOf([])).toBeNull();
    expect(fairnessOf([{ asked: 3, got: 0 }])).toBeNull();
    expect(
      fairnessOf([
        { asked: 3, got: 3 },
        { asked: 0, got: 0 },
      ]),
    ).toBe(1);
  });

  it('lies between 1/n and 1, whatever was asked and got', () => {
    const portion = fc
      .tuple(fc.integer({ min: 1, max: 1e9 }), fc.double({ min: 0, max: 1, noNaN: true }))
      .map(([asked, share]) => ({ asked, got: asked * share }));
    fc.assert(
      fc.property(fc.array(portion, { minLength: 1, maxLength: 20 }), (portions) => {
        const fairness = fairnessOf(portions);
        if (fairness === null) return;
        expect(fairness).toBeLessThanOrEqual(1 + 1e-9);
        expect(fairness).toBeGreaterThanOrEqual(1 / portions.length - 1e-9);
      }),
      { numRuns: 200 },
    );
  });
});
