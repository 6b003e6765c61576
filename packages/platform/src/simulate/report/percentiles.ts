/** Mean and percentiles of a measure; all null when nothing was measured. */
export interface Summary {
  readonly mean: number | null;
  readonly p50: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
}

/** Percentile p of n sorted values is the one at index min(n − 1, floor(p·n)). Sorts the array in place. */
export function summarise(values: Float64Array): Summary {
  if (values.length === 0) return { mean: null, p50: null, p95: null, p99: null };
  values.sort();
  const at = (share: number): number => values[Math.min(values.length - 1, Math.floor(share * values.length))] ?? 0;
  return { mean: values.reduce((sum, value) => sum + value, 0) / values.length, p50: at(0.5), p95: at(0.95), p99: at(0.99) };
}
