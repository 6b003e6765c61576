import type { Summary } from './percentiles.ts';

const FIRST_MS = 0.01;
/** Neighbouring bounds are 1 % apart, which is the error of a percentile. */
const GROWTH = Math.log(1.01);
const BUCKETS = 2000;

/** Percentiles of millions of values in constant memory. */
export interface LatencyHistogram {
  add(valueMs: number): void;
  summary(): Summary;
}

export function createLatencyHistogram(): LatencyHistogram {
  const counts = new Float64Array(BUCKETS);
  let total = 0;
  let sum = 0;
  const at = (share: number): number => {
    let left = Math.min(total - 1, Math.floor(share * total));
    for (let bucket = 0; bucket < BUCKETS; bucket += 1) {
      left -= counts[bucket] ?? 0;
      if (left < 0) return FIRST_MS * Math.exp((bucket + 0.5) * GROWTH);
    }
    return 0;
  };
  return {
    add: (valueMs) => {
      const bucket = valueMs <= FIRST_MS ? 0 : Math.min(BUCKETS - 1, Math.floor(Math.log(valueMs / FIRST_MS) / GROWTH));
      counts[bucket] = (counts[bucket] ?? 0) + 1;
      total += 1;
      sum += valueMs;
    },
    summary: () => (total === 0 ? { mean: null, p50: null, p95: null, p99: null } : { mean: sum / total, p50: at(0.5), p95: at(0.95), p99: at(0.99) }),
  };
}
