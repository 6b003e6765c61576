/** Numbers by chance, as they occur in traffic. */
export interface Chance {
  /** Time to the next of events that come so often per second. */
  gapMs(perSecond: number): number;
  exponential(mean: number): number;
  /** A whole number of 1 or more; `spread` is the sigma of its logarithm. */
  logNormal(median: number, spread: number): number;
  /** From 0 to `count` − 1, small ones more often, as by Zipf. */
  popular(count: number): number;
  /** From 0 to `count` − 1, all alike. */
  below(count: number): number;
  happens(share: number): boolean;
}

export function createChance(random: () => number): Chance {
  const exponential = (mean: number): number => -Math.log(1 - random()) * mean;
  return {
    exponential,
    gapMs: (perSecond) => exponential(1000 / perSecond),
    logNormal: (median, spread) => {
      const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
      return Math.max(1, Math.round(median * Math.exp(spread * normal)));
    },
    popular: (count) => Math.min(count - 1, Math.floor((count + 1) ** random()) - 1),
    below: (count) => Math.min(count - 1, Math.floor(random() * count)),
    happens: (share) => random() < share,
  };
}
