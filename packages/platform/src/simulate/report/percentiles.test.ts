import { describe, expect, it } from 'vitest';
import { imbalanceOf } from '../timed/measure.ts';
import { createLatencyHistogram } from './latency-histogram.ts';
import { summarise } from './percentiles.ts';

describe('percentiles', () => {
  it('are the values at index min(n − 1, floor(p·n))', () => {
    const values = Float64Array.from({ length: 100 }, (_, index) => 100 - index);

    expect(summarise(values)).toEqual({ mean: 50.5, p50: 51, p95: 96, p99: 100 });
    expect(summarise(Float64Array.of(7))).toEqual({ mean: 7, p50: 7, p95: 7, p99: 7 });
    expect(summarise(new Float64Array())).toEqual({ mean: null, p50: null, p95: null, p99: null });
  });

  it('of a histogram are right within one percent', () => {
    const histogram = createLatencyHistogram();
    for (let value = 1; value <= 10_000; value += 1) histogram.add(value / 10);

    const { mean, p50, p95, p99 } = histogram.summary();

    expect(mean).toBeCloseTo(500.05, 6);
    for (const [found, exact] of [
      [p50, 500],
      [p95, 950],
      [p99, 990],
    ])
      expect(Math.abs((found ?? 0) / (exact ?? 1) - 1)).toBeLessThan(0.01);
  });

  it('of a histogram take values of any size', () => {
    const histogram = createLatencyHistogram();
    expect(histogram.summary().p50).toBeNull();
    for (const value of [0, 1e-9, 1e12]) histogram.add(value);

    expect(histogram.summary().p99).toBeGreaterThan(1e6);
  });
});

describe('imbalance', () => {
  it('is the most over the mean', () => {
    expect([imbalanceOf([1, 1, 1]), imbalanceOf([8, 0, 0, 0]), imbalanceOf([0, 0])]).toEqual([1, 4, 1]);
  });
});
