import { fewestFirst, pickBest } from '../pick-backend.ts';
import type { BackendCandidate, Strategy, StrategyRequest } from '../strategy.ts';

/**
 * The cheapest backend that keeps the route's time to the first token; when none does, the quickest. One without a known price counts
 * as the dearest, one without a measured time as quick enough.
 */
export const costStrategy: Strategy = {
  name: 'cost',
  reads: ['cost', 'latency', 'in-flight'],
  choose: (request, candidates, random) => {
    const prices = candidates.map((candidate) => candidate.costNanoUsd);
    const dearest = Math.max(0, ...prices.map((price) => price ?? 0)) * 2 + 1;
    const cheap = fewestFirst(prices.map((price) => price ?? dearest));
    const quick = fewestFirst(candidates.map((candidate) => candidate.firstTokenMs ?? 0));
    const kept = candidates.map((candidate) => keepsSlo(request, candidate));
    // Every backend that keeps the objective is better than any that does not.
    const scores = kept.map((keeps, index) => (keeps ? 0.5 + (cheap[index] ?? 0) / 2 : (quick[index] ?? 0) / 2.1));
    const index = pickBest(
      scores,
      candidates.map((candidate) => candidate.weight ?? 1),
      random,
    );
    const price = prices[index];
    const why =
      kept[index] !== true ? 'none keeps the objective; the quickest' : price === undefined ? 'no price is known' : `about $${(price / 1e9).toFixed(6)}`;
    return { index, scores, why };
  },
};

const keepsSlo = ({ sloTtftMs }: StrategyRequest, { firstTokenMs }: BackendCandidate): boolean =>
  sloTtftMs === undefined || firstTokenMs === undefined || firstTokenMs <= sloTtftMs;
