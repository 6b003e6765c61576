/** How fast a peak is forgotten. */
const DECAY_MS = 10_000;

/** A moving mean that jumps up with a slow sample and comes down slowly. */
export interface PeakEwma {
  readonly valueMs: number;
  readonly atMs: number;
}

/** The mean with one more sample; a slower one counts at once. */
export function addSample(mean: PeakEwma | undefined, sampleMs: number, nowMs: number): PeakEwma {
  if (mean === undefined || sampleMs >= mean.valueMs) return { valueMs: sampleMs, atMs: nowMs };
  const keep = Math.exp(-Math.max(0, nowMs - mean.atMs) / DECAY_MS);
  return { valueMs: mean.valueMs * keep + sampleMs * (1 - keep), atMs: nowMs };
}
