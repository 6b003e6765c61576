import { pickBest } from '../pick-backend.ts';
import type { BackendCandidate, Strategy, StrategyRequest } from '../strategy.ts';

/** The most room under its limits of requests and tokens per minute; of backends without limits, the least used one. */
export const usageStrategy: Strategy = {
  name: 'usage',
  reads: ['usage', 'limits', 'weight'],
  choose: (request, candidates, random) => {
    const uses = candidates.map((candidate) => useOf(request, candidate));
    const most = Math.max(1, ...candidates.map((candidate) => candidate.usedTokens));
    // A backend without limits is always half free, less what it does beside the others.
    const scores = uses.map((use, index) => (use === undefined ? 0.5 * (1 - (candidates[index]?.usedTokens ?? 0) / (most + 1)) : Math.max(0, 1 - use)));
    const index = pickBest(
      scores,
      candidates.map((candidate) => candidate.weight ?? 1),
      random,
    );
    const use = uses[index];
    return { index, scores, why: use === undefined ? 'no limit' : `${Math.round(use * 100)}% of its limit` };
  },
};

/** Share of the tighter limit that is used with this request; undefined without limits. */
function useOf(request: StrategyRequest, { rpm, tpm, usedRequests, usedTokens }: BackendCandidate): number | undefined {
  if (rpm === undefined && tpm === undefined) return undefined;
  const tokens = request.promptTokens + request.outputTokens;
  return Math.max(rpm === undefined ? 0 : (usedRequests + 1) / rpm, tpm === undefined ? 0 : (usedTokens + tokens) / tpm);
}
