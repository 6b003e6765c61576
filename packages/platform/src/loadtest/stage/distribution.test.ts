import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { distributionOf } from './distribution.ts';

describe('a distribution', () => {
  it('gives what NumPy gives', () => {
    // numpy.percentile([4, 1, 3, 2, 10], [50, 75, 90, 95, 99]), numpy.std
    expect(distributionOf([4, 1, 3, 2, 10])).toEqual({
      count: 5,
      mean: 4,
      standardDeviation: expect.closeTo(3.1622776601683795, 12) as number,
      min: 1,
      p50: 3,
      p75: 4,
      p90: expect.closeTo(7.6, 12) as number,
      p95: expect.closeTo(8.8, 12) as number,
      p99: expect.closeTo(9.76, 12) as number,
      max: 10,
    });
  });

  it('is null for nothing, and one value for one value', () => {
    expect(distributionOf([])).toBeNull();
    expect(distributionOf([7])).toMatchObject({ min: 7, mean: 7, p50: 7, p99: 7, max: 7, standardDeviation: 0 });
  });

  it('rises from the least to the most', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 1e6, noNaN: true }), { minLength: 1 }), (values) => {
        const found = distributionOf(values);
        const { min = 0, p50 = 0, p75 = 0, p90 = 0, p95 = 0, p99 = 0, max = 0 } = found ?? {};
        const order = [min, p50, p75, p90, p95, p99, max];

        expect(order.every((value, index) => index === 0 || value >= (order[index - 1] ?? 0) - 1e-9)).toBe(true);
        expect([min, max]).toEqual([Math.min(...values), Math.max(...values)]);
      }),
    );
  });
});
