import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SlidingSum } from './sliding-sum.ts';

describe('a sliding sum', () => {
  it('forgets what is older than its window', () => {
    const sum = new SlidingSum(60_000);
    sum.add(5, 1000);
    sum.add(7, 30_000);

    expect([sum.total(30_000), sum.total(59_000), sum.total(66_000), sum.total(200_000)]).toEqual([12, 12, 7, 0]);
  });

  it('is never below what came in the last eleven parts and never above what came in the last twelve', () => {
    const entry = fc.record({ afterMs: fc.nat(20_000), amount: fc.nat(1000) });
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 60 }), (entries) => {
        const sum = new SlidingSum(60_000);
        const seen: { atMs: number; amount: number }[] = [];
        let nowMs = 0;
        for (const { afterMs, amount } of entries) {
          nowMs += afterMs;
          sum.add(amount, nowMs);
          seen.push({ atMs: nowMs, amount });
        }
        const within = (ms: number): number => seen.filter(({ atMs }) => atMs > nowMs - ms).reduce((total, { amount }) => total + amount, 0);

        expect(sum.total(nowMs)).toBeGreaterThanOrEqual(within(55_000));
        expect(sum.total(nowMs)).toBeLessThanOrEqual(within(60_001));
      }),
      { numRuns: 200 },
    );
  });
});
