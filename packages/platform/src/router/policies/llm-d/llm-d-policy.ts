import { composePolicy } from '../../policy/compose-policy.ts';
import { maxScorePicker } from '../../policy/pickers.ts';
import type { Policy } from '../../policy/policy.ts';
import { kvUseScorer } from '../../policy/scorers.ts';
import { prefixScorer, waitingScorer } from '../profile/profile-scorers.ts';

export interface LlmdOptions {
  /** Whether the engines' own reports tell what is cached, or the router's index. */
  readonly precise: boolean;
  readonly prefix?: number;
  readonly kvUse?: number;
  readonly queue?: number;
}

/** The default profile of llm-d's router: weighted scores of prefix, free KV memory and queue. */
export const createLlmdPolicy = (options: LlmdOptions): Policy =>
  composePolicy({
    name: options.precise ? 'precise-prefix' : 'approximate-prefix',
    scorers: [
      { scorer: prefixScorer(options.precise ? 'precise-prefix' : 'prefix'), weight: options.prefix ?? 3 },
      { scorer: kvUseScorer, weight: options.kvUse ?? 2 },
      { scorer: waitingScorer, weight: options.queue ?? 2 },
    ],
    picker: maxScorePicker,
    explain: (chosen, request) => `holds ${chosen.cachedTokens} of ${request.promptTokens} tokens, ${chosen.waiting} waiting`,
  });
