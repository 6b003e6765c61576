import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { takeByWeight } from './weighted.ts';

const items = [
  { name: 'a', weight: 1 },
  { name: 'off', weight: 0 },
  { name: 'b', weight: 3 },
];

describe('taking by weight', () => {
  it('gives every item its share', () => {
    expect([0, 0.24, 0.26, 0.99].map((share) => takeByWeight(items, share)?.name)).toEqual(['a', 'a', 'b', 'b']);
  });

  it('takes nothing when nothing has a weight', () => {
    expect(takeByWeight([], 0.5)).toBeUndefined();
    expect(takeByWeight([{ weight: 0 }], 0.5)).toBeUndefined();
  });

  it('never takes an item without weight, also at the ends', () => {
    fc.assert(
      fc.property(fc.array(fc.record({ weight: fc.nat(5) }), { maxLength: 8 }), fc.double({ min: 0, max: 1, noNaN: true }), (list, share) => {
        const taken = takeByWeight(list, share);
        if (list.some((item) => item.weight > 0)) expect(taken?.weight).toBeGreaterThan(0);
        else expect(taken).toBeUndefined();
      }),
    );
  });
});
