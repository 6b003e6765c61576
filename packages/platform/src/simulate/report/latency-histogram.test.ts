import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { imbalanceOf } from '../timed/measure.ts';
import { createLatencyHistogram } from './latency-histogram.ts';

describe('percentiles', () => {
  it('of a histogram are right within 0.2 %', () => {
    const histogram = createLatencyHistogram();
    for (let value = 1; value <= 10_000; value += 1) histogram.add(value / 10);

    const { mean, p50, p95, p99 } = histogram.summary();

    expect(mean).toBeCloseTo(500.05, 6);
    for (const [found, exact] of [
      [p50, 500],
      [p95, 950],
      [p99, 990],
    ])
      expect(Math.abs((found ?? 0) / (exact ?? 1) - 1)).toBeLessThan(0.002);
  });

  it('of a histogram take values of any size', () => {
    const histogram = createLatencyHistogram();
    expect(histogram.summary().p50).toBeNull();
    for (const value of [0, 1e-9, 1e12]) histogram.add(value);

    expect(histogram.summary().p99).toBeGreaterThan(1e6);
  });
});

describe('a range of values', () => {
  it('counts as if each had been added', () => {
    fc.assert(
      fc.property(
        fc.record({
          firstMs: fc.double({ min: 0.005, max: 500, noNaN: true }),
          growthMs: fc.double({ min: 0, max: 2, noNaN: true }),
          steps: fc.integer({ min: 1, max: 400 }),
          times: fc.integer({ min: 1, max: 5 }),
        }),
        (range) => {
          const whole = createLatencyHistogram();
          const single = createLatencyHistogram();
          whole.addRange(range);
          for (let step = 0; step < range.steps; step += 1) for (let time = 0; time < range.times; time += 1) single.add(range.firstMs + step * range.growthMs);

          expect(whole.count).toBe(single.count);
          expect(whole.summary().mean).toBeCloseTo(single.summary().mean ?? 0, 6);
          for (const share of [0.1, 0.5, 0.9]) expect(Math.abs((whole.quantile(share) ?? 0) / (single.quantile(share) ?? 1) - 1)).toBeLessThan(0.0021);
        },
      ),
    );
  });

  it('gives a rising curve that ends at all of them', () => {
    const histogram = createLatencyHistogram();
    histogram.addRange({ firstMs: 1, growthMs: 1, steps: 100, times: 1 });

    const curve = histogram.curve(10);

    expect(curve.map(([, share]) => share)).toEqual([0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1].map((share) => expect.closeTo(share, 9)));
    expect(curve.map(([value]) => Math.round(value / 10))).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect(createLatencyHistogram().curve(5)).toEqual([]);
  });
});

describe('imbalance', () => {
  it('is the most over the mean', () => {
    expect([imbalanceOf([1, 1, 1]), imbalanceOf([8, 0, 0, 0]), imbalanceOf([0, 0])]).toEqual([1, 4, 1]);
  });
});
