import { matchRelevant } from '../../relevance/match-relevant.ts';
import { type Evaluator, notApplicable, pureEvaluator, score } from '../evaluator.ts';

/** 1 when one of the first `k` flags is true, else 0. */
export const hitAt = (flags: readonly boolean[], k: number): 0 | 1 => (flags.slice(0, k).includes(true) ? 1 : 0);

/** Whether something relevant is among the first `k` passages. */
export const createHit = (options: { readonly k: number }): Evaluator =>
  pureEvaluator(`hit@${options.k}`, 'hit', (row) => {
    if (row.relevant === undefined || row.relevant.length === 0) return notApplicable('the row names no relevant passage');
    return score(hitAt(matchRelevant(row.passages, row.relevant), options.k));
  });
