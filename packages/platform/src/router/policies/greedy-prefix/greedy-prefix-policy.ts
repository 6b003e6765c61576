import { composePolicy } from '../../policy/compose-policy.ts';
import { firstBestPicker } from '../../policy/pickers.ts';
import type { Policy, Scorer } from '../../policy/policy.ts';
import { shareOf } from '../../policy/scorers.ts';

const longestPrefixScorer: Scorer = {
  name: 'prefix',
  reads: ['prefix', 'queue'],
  score: (request, candidates) => candidates.map((candidate) => shareOf(candidate, request.promptTokens)),
};

/** The longest match, whatever the load: a baseline that shows how a shared first block sends everything to one replica. */
export const createGreedyPrefixPolicy = (): Policy =>
  composePolicy({
    name: 'greedy-prefix',
    scorers: [{ scorer: longestPrefixScorer, weight: 1 }],
    picker: firstBestPicker,
    explain: (chosen, request) => `longest match (${chosen.cachedTokens} of ${request.promptTokens} tokens)`,
  });
