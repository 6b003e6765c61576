/** Binary nDCG: gain 1 for a relevant item, discounted by the logarithm of its rank. */
export function ndcg(ranked: readonly string[], relevant: ReadonlySet<string>, k: number): number {
  const discount = (rank: number): number => 1 / Math.log2(rank + 2);
  const gain = ranked.slice(0, k).reduce((sum, item, rank) => sum + (relevant.has(item) ? discount(rank) : 0), 0);
  const ideal = Array.from({ length: Math.min(k, relevant.size) }, (_, rank) => discount(rank)).reduce((sum, value) => sum + value, 0);
  return ideal === 0 ? 0 : gain / ideal;
}

/** 1 divided by the rank of the first relevant item; 0 when there is none. */
export function reciprocalRank(ranked: readonly string[], relevant: ReadonlySet<string>, k: number): number {
  const rank = ranked.slice(0, k).findIndex((item) => relevant.has(item));
  return rank < 0 ? 0 : 1 / (rank + 1);
}

/** Share of the relevant items among the first k. */
export function recall(ranked: readonly string[], relevant: ReadonlySet<string>, k: number): number {
  return relevant.size === 0 ? 0 : ranked.slice(0, k).filter((item) => relevant.has(item)).length / relevant.size;
}

export const mean = (values: readonly number[]): number => (values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length);
