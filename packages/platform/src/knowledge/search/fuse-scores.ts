/** A hit with what each side gave it. */
export interface FusedHit {
  readonly slot: number;
  /** From 0 to 1 in hybrid mode: the weighted share of the best score of each side. */
  readonly score: number;
  readonly bm25: number;
  readonly vector: number;
}

/** How much vectors count beside keywords; tuned on the odd questions of Cranfield, see bench/retrieval. */
const VECTOR_WEIGHT = 0.5;
const CANDIDATES = 200;

/**
 * Weighted fusion: each side is divided by its best score. Ranks alone (RRF) would let a weak side count as much as a strong one.
 * With one side given, its own scores are returned.
 */
export function fuseScores(options: {
  bm25: ReadonlyMap<number, number> | undefined;
  vector: ReadonlyMap<number, number> | undefined;
  topK: number;
}): FusedHit[] {
  const { bm25, vector, topK } = options;
  if (bm25 === undefined || vector === undefined) {
    const only = bm25 ?? vector ?? new Map<number, number>();
    return bestScores(only, topK).map(([slot, score]) => ({ slot, score, bm25: bm25 === undefined ? 0 : score, vector: vector === undefined ? 0 : score }));
  }
  const keywordBest = bestScores(bm25, Math.max(CANDIDATES, topK));
  const vectorBest = bestScores(vector, Math.max(CANDIDATES, topK));
  const keywordTop = keywordBest[0]?.[1] ?? 1;
  const vectorTop = vectorBest[0]?.[1] ?? 1;
  const slots = new Set([...keywordBest, ...vectorBest].map(([slot]) => slot));
  const hits = [...slots].map((slot) => {
    const keyword = bm25.get(slot) ?? 0;
    const cosine = vector.get(slot) ?? 0;
    return { slot, score: (1 - VECTOR_WEIGHT) * (keyword / keywordTop) + VECTOR_WEIGHT * (cosine / vectorTop), bm25: keyword, vector: cosine };
  });
  return hits.sort((left, right) => right.score - left.score || left.slot - right.slot).slice(0, topK);
}

/** The highest first; equal scores in the order of slots, so that answers never change between runs. */
export function bestScores(scores: ReadonlyMap<number, number>, count: number): [number, number][] {
  return [...scores].sort((left, right) => right[1] - left[1] || left[0] - right[0]).slice(0, count);
}
