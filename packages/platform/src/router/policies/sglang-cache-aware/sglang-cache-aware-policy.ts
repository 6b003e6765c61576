import { composePolicy } from '../../policy/compose-policy.ts';
import { maxScorePicker } from '../../policy/pickers.ts';
import type { Candidate, Policy, Scorer } from '../../policy/policy.ts';
import { leastFirst, shareOf } from '../../policy/scorers.ts';

export interface SglangOptions {
  /** Share of the prompt that must match. */
  readonly cacheThreshold?: number;
  readonly balanceAbsolute?: number;
  readonly balanceRelative?: number;
}

/**
 * The rule of the SGLang gateway: shortest queue while the load is out of balance; else the best match where it is good
 * enough; else the replica whose tree is smallest. Kept as it is, with its known weakness that a miss ignores the load.
 */
export function createSglangCacheAwarePolicy(options: SglangOptions = {}): Policy {
  const threshold = options.cacheThreshold ?? 0.3;
  const absolute = options.balanceAbsolute ?? 64;
  const relative = options.balanceRelative ?? 1.5;
  const outOfBalance = (candidates: readonly Candidate[]): boolean => {
    const loads = candidates.map((candidate) => candidate.inFlight);
    const most = Math.max(...loads);
    const least = Math.min(...loads);
    return most - least > absolute && most > relative * least;
  };
  const scorer: Scorer = {
    name: 'cache-aware',
    reads: ['prefix', 'in-flight'],
    score: (request, candidates) => {
      if (outOfBalance(candidates)) return leastFirst(candidates.map((candidate) => candidate.inFlight));
      const shares = candidates.map((candidate) => shareOf(candidate, request.promptTokens));
      if (Math.max(...shares) > threshold) return shares;
      return leastFirst(candidates.map((candidate) => candidate.indexBlocks));
    },
  };
  return composePolicy({
    name: 'sglang-cache-aware',
    scorers: [{ scorer, weight: 1 }],
    picker: maxScorePicker,
    explain: (chosen, request) =>
      shareOf(chosen, request.promptTokens) > threshold
        ? `best match (${chosen.cachedTokens} of ${request.promptTokens} tokens)`
        : 'no good match: fewest requests or smallest tree',
  });
}
