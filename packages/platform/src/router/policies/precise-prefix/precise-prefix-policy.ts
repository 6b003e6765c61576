import { composePolicy } from '../../policy/compose-policy.ts';
import { maxScorePicker } from '../../policy/pickers.ts';
import type { Policy, Scorer } from '../../policy/policy.ts';
import { inFlightScorer, kvUseScorer, shareOf } from '../../policy/scorers.ts';

export interface PrecisePrefixWeights {
  readonly prefix?: number;
  readonly kvUse?: number;
  readonly inFlight?: number;
}

const prefixScorer: Scorer = {
  name: 'prefix',
  reads: ['precise-prefix'],
  score: (request, candidates) => candidates.map((candidate) => shareOf(candidate, request.promptTokens)),
};

/** Weighted scores as in llm-d's precise profile (prefix 3, KV use 2, queue 2), on the cache that the engines themselves report. */
export const createPrecisePrefixPolicy = (weights: PrecisePrefixWeights = {}): Policy =>
  composePolicy({
    name: 'precise-prefix',
    scorers: [
      { scorer: prefixScorer, weight: weights.prefix ?? 3 },
      { scorer: kvUseScorer, weight: weights.kvUse ?? 2 },
      { scorer: inFlightScorer, weight: weights.inFlight ?? 2 },
    ],
    picker: maxScorePicker,
    explain: (chosen, request) => `holds ${chosen.cachedTokens} of ${request.promptTokens} tokens, ${chosen.inFlight} requests`,
  });
