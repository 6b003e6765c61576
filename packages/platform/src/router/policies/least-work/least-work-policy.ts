import { composePolicy } from '../../policy/compose-policy.ts';
import { maxScorePicker } from '../../policy/pickers.ts';
import type { Candidate, Policy, Scorer } from '../../policy/policy.ts';
import { leastFirst } from '../../policy/scorers.ts';

/** Where an endpoint has shown no rate yet, and in replays without a model of time. */
const MS_PER_TOKEN = 1;

const workMs = ({ queueMs, cachedTokens, rates }: Candidate, promptTokens: number): number =>
  queueMs + Math.max(0, promptTokens - cachedTokens) * (rates?.prefillMsPerToken ?? MS_PER_TOKEN);

const leastWorkScorer: Scorer = {
  name: 'work',
  reads: ['queue', 'prefix'],
  score: (request, candidates) => leastFirst(candidates.map((candidate) => workMs(candidate, request.promptTokens))),
};

/** The shortest queue with the own prompt in it: a baseline that shows what prefixes earn where nothing else is thought of. */
export const createLeastWorkPolicy = (): Policy =>
  composePolicy({
    name: 'least-work',
    scorers: [{ scorer: leastWorkScorer, weight: 1 }],
    picker: maxScorePicker,
    explain: (chosen, request) =>
      `least work: queue ${Math.round(chosen.queueMs)} ms, ${Math.max(0, request.promptTokens - chosen.cachedTokens)} of ${request.promptTokens} tokens to compute`,
  });
