import { matchRelevant } from '../../relevance/match-relevant.ts';
import { type Evaluator, notApplicable, pureEvaluator, score } from '../evaluator.ts';

/** 1 over the place of the first true flag among the first `k`; 0 when there is none. */
export function reciprocalRankAt(flags: readonly boolean[], k: number): number {
  const place = flags.slice(0, k).indexOf(true);
  return place < 0 ? 0 : 1 / (place + 1);
}

/** How early the first relevant passage comes; its mean over the rows is the MRR. */
export const createMrr = (options: { readonly k: number }): Evaluator =>
  pureEvaluator(`mrr@${options.k}`, 'mrr', (row) => {
    if (row.relevant === undefined || row.relevant.length === 0) return notApplicable('the row names no relevant passage');
    return score(reciprocalRankAt(matchRelevant(row.passages, row.relevant), options.k));
  });
