import { fewestFirst, pickBest } from '../pick-backend.ts';
import type { Strategy } from '../strategy.ts';

/** The fewest running requests per unit of weight. */
export const leastBusyStrategy: Strategy = {
  name: 'least-busy',
  reads: ['in-flight', 'weight'],
  choose: (_request, candidates, random) => {
    const weights = candidates.map((candidate) => candidate.weight ?? 1);
    const scores = fewestFirst(candidates.map((candidate, index) => candidate.inFlight / Math.max(1, weights[index] ?? 1)));
    const index = pickBest(scores, weights, random);
    return { index, scores, why: `${candidates[index]?.inFlight ?? 0} requests run there` };
  },
};
