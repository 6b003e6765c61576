import type { MetricSample } from './metric-sample.ts';

/** Observations in buckets. */
export interface Histogram {
  observe(value: number, times?: number): void;
  /** As the text format of Prometheus has them. */
  samples(): readonly MetricSample[];
}

/** `buckets` are upper bounds, ascending. */
export function createHistogram(buckets: readonly number[]): Histogram {
  const counts = new Float64Array(buckets.length + 1);
  let sum = 0;
  return {
    observe: (value, times = 1) => {
      const place = buckets.findIndex((bound) => value <= bound);
      const index = place < 0 ? buckets.length : place;
      counts[index] = (counts[index] ?? 0) + times;
      sum += value * times;
    },
    samples: () => {
      let total = 0;
      const lines: MetricSample[] = [];
      for (const [index, bound] of [...buckets, '+Inf'].entries()) {
        total += counts[index] ?? 0;
        lines.push({ suffix: '_bucket', labels: `le="${bound}"`, value: total });
      }
      return [...lines, { suffix: '_sum', value: sum }, { suffix: '_count', value: total }];
    },
  };
}
