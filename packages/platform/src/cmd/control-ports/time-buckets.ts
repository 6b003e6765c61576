export interface BucketRange {
  readonly fromMs: number;
  readonly toMs: number;
  readonly buckets: number;
}

const HOUR_MS = 3_600_000;

/** Sums of spend are kept per hour: buckets of a long range are not finer than that. */
export function fitBuckets({ fromMs, toMs, buckets }: BucketRange): BucketRange {
  const range = toMs - fromMs;
  if (range < 12 * HOUR_MS) return { fromMs, toMs, buckets };
  return { fromMs, toMs, buckets: Math.max(2, Math.min(buckets, Math.floor(range / HOUR_MS))) };
}

/** Number of the bucket that a time falls into; undefined outside of the range. */
export function bucketOf(range: BucketRange, atMs: number): number | undefined {
  if (atMs < range.fromMs || atMs >= range.toMs) return undefined;
  return Math.min(range.buckets - 1, Math.floor(((atMs - range.fromMs) / (range.toMs - range.fromMs)) * range.buckets));
}

export const zeros = (range: BucketRange): number[] => new Array<number>(range.buckets).fill(0);
