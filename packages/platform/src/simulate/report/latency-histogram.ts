import type { Summary } from './result.ts';

const FIRST_MS = 0.01;
/** Neighbouring bounds are 0.2 % apart, which bounds the error of a percentile. */
const GROWTH = Math.log(1.002);
/** Up to three days. */
const BUCKETS = 12_000;

/** Percentiles of any number of values in constant memory. */
export interface LatencyHistogram {
  add(valueMs: number): void;
  /** `steps` values from `firstMs` on, each `growthMs` more than the one before it, `times` times each. */
  addRange(range: { readonly firstMs: number; readonly growthMs: number; readonly steps: number; readonly times: number }): void;
  readonly count: number;
  summary(): Summary;
  /** The value below which this share of the values lies; undefined when there is none. */
  quantile(share: number): number | undefined;
  /** Points of the distribution: a value and the share of all that is at most so much. */
  curve(points: number): readonly (readonly [valueMs: number, share: number])[];
}

export function createLatencyHistogram(): LatencyHistogram {
  const counts = new Float64Array(BUCKETS);
  let total = 0;
  let sum = 0;

  const quantile = (share: number): number | undefined => {
    if (total === 0) return undefined;
    let left = Math.min(total - 1, Math.floor(share * total));
    for (let bucket = 0; bucket < BUCKETS; bucket += 1) {
      left -= counts[bucket] ?? 0;
      if (left < 0) return FIRST_MS * Math.exp((bucket + 0.5) * GROWTH);
    }
    return undefined;
  };
  const put = (valueMs: number, times: number): void => {
    const bucket = bucketOf(valueMs);
    counts[bucket] = (counts[bucket] ?? 0) + times;
    total += times;
    sum += valueMs * times;
  };

  return {
    get count() {
      return total;
    },
    add: (valueMs) => put(valueMs, 1),
    addRange: ({ firstMs, growthMs, steps, times }) => {
      for (let step = 0; step < steps; ) {
        const valueMs = firstMs + step * growthMs;
        const alike = growthMs === 0 ? steps : Math.max(1, Math.ceil((upperBound(bucketOf(valueMs)) - valueMs) / growthMs));
        const run = Math.min(steps - step, alike);
        put(valueMs + (growthMs * (run - 1)) / 2, run * times);
        step += run;
      }
    },
    quantile,
    summary: () => ({
      mean: total === 0 ? null : sum / total,
      p50: quantile(0.5) ?? null,
      p90: quantile(0.9) ?? null,
      p95: quantile(0.95) ?? null,
      p99: quantile(0.99) ?? null,
    }),
    curve: (points) =>
      total === 0
        ? []
        : Array.from({ length: points }, (_, index): readonly [number, number] => {
            const share = (index + 1) / points;
            return [quantile(share) ?? 0, share];
          }),
  };
}

const bucketOf = (valueMs: number): number => (valueMs <= FIRST_MS ? 0 : Math.min(BUCKETS - 1, Math.floor(Math.log(valueMs / FIRST_MS) / GROWTH)));

const upperBound = (bucket: number): number => FIRST_MS * Math.exp((bucket + 1) * GROWTH);
