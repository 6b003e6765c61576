import { asScores, pickByShare } from '../pick-backend.ts';
import type { Strategy } from '../strategy.ts';

/** By chance, in proportion to weight and to what is left of each budget, so that all budgets are used up together. */
export const budgetStrategy: Strategy = {
  name: 'budget',
  reads: ['budget', 'weight'],
  choose: (_request, candidates, random) => {
    const shares = candidates.map((candidate) => (candidate.weight ?? 1) * candidate.budgetLeft);
    const index = pickByShare(shares, random);
    return { index, scores: asScores(shares), why: `${Math.round((candidates[index]?.budgetLeft ?? 0) * 100)}% of its budget is left` };
  },
};
