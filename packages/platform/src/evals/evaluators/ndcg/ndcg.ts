import { matchRelevant } from '../../relevance/match-relevant.ts';
import { type Evaluator, notApplicable, pureEvaluator, score } from '../evaluator.ts';

/**
 * Binary nDCG of the first `k` flags: gains are discounted by log2(place + 1), and the ideal puts all `relevantCount`
 * items first. From 0 to 1; 0 when nothing is relevant.
 */
export function ndcgAt(flags: readonly boolean[], options: { readonly relevantCount: number; readonly k: number }): number {
  let gained = 0;
  let ideal = 0;
  for (let place = 0; place < options.k; place += 1) {
    if (flags[place] === true) gained += discount(place);
    if (place < options.relevantCount) ideal += discount(place);
  }
  return ideal === 0 ? 0 : Math.min(1, gained / ideal);
}

const discount = (place: number): number => 1 / Math.log2(place + 2);

/** How well the relevant passages are placed among the first `k`. */
export const createNdcg = (options: { readonly k: number }): Evaluator =>
  pureEvaluator(`ndcg@${options.k}`, 'ndcg', (row) => {
    if (row.relevant === undefined || row.relevant.length === 0) return notApplicable('the row names no relevant passage');
    const relevant = [...new Set(row.relevant)];
    return score(ndcgAt(matchRelevant(row.passages, relevant), { relevantCount: relevant.length, k: options.k }));
  });
