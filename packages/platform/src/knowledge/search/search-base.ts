import type { Store } from '#store';
import { type FoundPassage, toPassage } from '../passage.ts';
import type { FindEmbedder } from '../ports.ts';
import type { BaseIndex } from './base-index.ts';
import { bestScores, type FusedHit, fuseScores } from './fuse-scores.ts';
import { readPassageRows } from './read-passages.ts';

/** Tuned on the odd questions of Cranfield, see bench/retrieval. */
const FEEDBACK_PASSAGES = 5;

export type SearchMode = 'hybrid' | 'keyword' | 'vector';

export interface SearchBaseOptions {
  readonly store: Store;
  readonly index: BaseIndex;
  readonly embed: FindEmbedder;
  readonly embedding: string;
  readonly query: string;
  readonly topK: number;
  readonly mode: SearchMode;
  readonly signal: AbortSignal;
}

/** Ranks the passages of an index and reads the best from the database. */
export async function searchBase(options: SearchBaseOptions): Promise<FoundPassage[]> {
  const hits = await rank(options);
  const ids = hits.map((hit) => options.index.passageId(hit.slot) ?? '');
  const rows = await readPassageRows(options.store, ids);
  return hits.flatMap((hit, position) => {
    // A passage that an ingestion removed in this moment is left out.
    const row = rows.get(ids[position] ?? '');
    return row === undefined ? [] : [{ ...toPassage(row), score: hit.score, parts: { bm25: hit.bm25, vector: hit.vector } }];
  });
}

async function rank(options: SearchBaseOptions): Promise<FusedHit[]> {
  const { index, mode, query, topK, signal } = options;
  const bm25 = mode === 'vector' ? undefined : index.keywords.score(query);
  if (mode === 'keyword' || index.vectors === undefined) return fuseScores({ bm25: bm25 ?? new Map(), vector: undefined, topK });
  const [vector] = await options.embed(options.embedding).embed([query], signal);
  signal.throwIfAborted();
  if (vector === undefined) return fuseScores({ bm25: bm25 ?? new Map(), vector: undefined, topK });
  const moved = bm25 === undefined ? vector : index.vectors.expand(vector, feedback(bm25));
  return fuseScores({ bm25, vector: index.vectors.score(moved), topK });
}

/** The best keyword hits, weighted by their share of the score: the vector side looks for passages that are like them. */
function feedback(bm25: ReadonlyMap<number, number>): [number, number][] {
  const likely = bestScores(bm25, FEEDBACK_PASSAGES);
  const total = likely.reduce((sum, [, score]) => sum + score, 0);
  return likely.map(([slot, score]) => [slot, score / total]);
}
