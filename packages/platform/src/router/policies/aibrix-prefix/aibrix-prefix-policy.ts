import { composePolicy } from '../../policy/compose-policy.ts';
import { maxScorePicker } from '../../policy/pickers.ts';
import type { Candidate, Policy, Scorer } from '../../policy/policy.ts';
import { leastFirst, shareOf } from '../../policy/scorers.ts';

export interface AibrixPrefixOptions {
  /** Above this difference between most and least requests, prefixes are not looked at. */
  readonly imbalance?: number;
  /** Standard deviations above the mean within which a matching replica may be. */
  readonly deviations?: number;
}

/** The `prefix-cache` strategy of AIBrix with the defaults of its code. */
export function createAibrixPrefixPolicy(options: AibrixPrefixOptions = {}): Policy {
  const imbalance = options.imbalance ?? 8;
  const deviations = options.deviations ?? 1;
  const matching = (candidates: readonly Candidate[], promptTokens: number): number => {
    const loads = candidates.map((candidate) => candidate.inFlight);
    if (Math.max(...loads) - Math.min(...loads) > imbalance) return -1;
    const bound = mean(loads) + deviations * deviation(loads);
    let best = -1;
    for (const [index, candidate] of candidates.entries()) {
      if (candidate.cachedTokens <= 0 || candidate.inFlight > bound) continue;
      const leader = candidates[best];
      const more = leader === undefined ? 1 : shareOf(candidate, promptTokens) - shareOf(leader, promptTokens);
      if (leader === undefined || more > 0 || (more === 0 && candidate.inFlight < leader.inFlight)) best = index;
    }
    return best;
  };
  const scorer: Scorer = {
    name: 'prefix-or-least',
    reads: ['prefix', 'in-flight'],
    score: (request, candidates) => {
      const match = matching(candidates, request.promptTokens);
      return match < 0 ? leastFirst(candidates.map((candidate) => candidate.inFlight)) : candidates.map((_, index) => (index === match ? 1 : 0));
    },
  };
  return composePolicy({
    name: 'aibrix-prefix',
    scorers: [{ scorer, weight: 1 }],
    picker: maxScorePicker,
    explain: (chosen, request) => `${chosen.cachedTokens} of ${request.promptTokens} tokens cached, ${chosen.inFlight} requests`,
  });
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

const deviation = (values: readonly number[]): number => Math.sqrt(mean(values.map((value) => (value - mean(values)) ** 2)));
