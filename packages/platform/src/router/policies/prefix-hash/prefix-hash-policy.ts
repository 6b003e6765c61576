import { composePolicy } from '../../policy/compose-policy.ts';
import { maxScorePicker } from '../../policy/pickers.ts';
import type { Policy, Scorer } from '../../policy/policy.ts';
import { hashText, mixBits } from '../../prompt/block-hashes.ts';

export interface PrefixHashOptions {
  /** An endpoint is passed over while it has more than this many times its fair share of the requests. */
  readonly loadFactor?: number;
}

/**
 * Consistent hashing with bounded loads over the beginning of the prompt.
 * Source: Mirrokni, Thorup, Zadimoghaddam, "Consistent Hashing with Bounded Loads", SODA 2018; bound as in KubeAI.
 */
export function createPrefixHashPolicy(options: PrefixHashOptions = {}): Policy {
  const loadFactor = options.loadFactor ?? 1.25;
  const scorer: Scorer = {
    name: 'prefix-hash',
    reads: ['prefix-key', 'in-flight'],
    score: (request, candidates) => {
      const total = candidates.reduce((sum, candidate) => sum + candidate.inFlight, 0);
      const bound = ((total + 1) / candidates.length) * loadFactor;
      const key = mixBits(request.prefixKey());
      return candidates.map((candidate) => {
        if (candidate.inFlight > bound) return 0;
        return (1 + mixBits(key ^ hashText(candidate.endpoint))) / 0x1_0000_0001;
      });
    },
  };
  return composePolicy({
    name: 'prefix-hash',
    scorers: [{ scorer, weight: 1 }],
    picker: maxScorePicker,
    explain: () => 'home of this beginning, within its share of the load',
  });
}
