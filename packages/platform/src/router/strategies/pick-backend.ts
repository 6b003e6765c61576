/** Takes an index by chance, each in proportion to its share; without any share above 0, each with the same chance. */
export function pickByShare(shares: readonly number[], random: () => number): number {
  const total = shares.reduce((sum, share) => sum + Math.max(0, share), 0);
  if (total <= 0) return Math.min(shares.length - 1, Math.floor(random() * shares.length));
  let rest = random() * total;
  for (const [index, share] of shares.entries()) {
    if (share <= 0) continue;
    rest -= share;
    if (rest < 0) return index;
  }
  return shares.findLastIndex((share) => share > 0);
}

/** The highest score; equal ones by chance in proportion to their weight. */
export function pickBest(scores: readonly number[], weights: readonly number[], random: () => number): number {
  const best = Math.max(...scores);
  return pickByShare(
    scores.map((score, index) => (score === best ? (weights[index] ?? 1) : 0)),
    random,
  );
}

/** The better one of two that chance drew: nearly as good as the best of all, and many routers do not run to the same one. */
export function pickBetterOfTwo(scores: readonly number[], random: () => number): number {
  if (scores.length === 1) return 0;
  const first = Math.min(scores.length - 1, Math.floor(random() * scores.length));
  const step = 1 + Math.min(scores.length - 2, Math.floor(random() * (scores.length - 1)));
  const second = (first + step) % scores.length;
  return (scores[second] ?? 0) > (scores[first] ?? 0) ? second : first;
}

/** Numbers as shares of the largest, so that they are scores from 0 to 1; all 1 where all are 0. */
export function asScores(values: readonly number[]): number[] {
  const most = Math.max(...values);
  return values.map((value) => (most <= 0 ? 1 : Math.max(0, value) / most));
}

/** 1 for the least value, falling with distance to it: half of it at twice the least. */
export function fewestFirst(values: readonly number[]): number[] {
  const least = Math.min(...values);
  return values.map((value) => (least + 1) / (value + 1));
}
