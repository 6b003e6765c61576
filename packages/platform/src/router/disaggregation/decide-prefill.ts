/** When a prompt is worth the way to a prefill replica. */
export interface PrefillRules {
  /** Which replica is chosen first, by the policy of the route. */
  readonly profile: 'decode-first' | 'prefill-first';
  /** Prompts with fewer tokens missing in the cache of the decode replica stay there. */
  readonly minUncachedTokens: number;
  /** Prompts stay where more requests than this are at every prefill replica; no limit where undefined. */
  readonly maxPrefillQueue?: number | undefined;
}

export interface PrefillFacts {
  readonly promptTokens: number;
  /** Tokens that the decode replica is expected to have. */
  readonly cachedTokens: number;
  /** Requests at the prefill replica that has the least; undefined where there is no prefill replica. */
  readonly leastQueued: number | undefined;
}

/** Where a prompt is to be computed, with half a sentence for a person. */
export interface PrefillDecision {
  readonly remote: boolean;
  readonly reason: string;
}

/** Decides whether a prefill replica computes the prompt. Pure. */
export function decidePrefill(rules: PrefillRules, { promptTokens, cachedTokens, leastQueued }: PrefillFacts): PrefillDecision {
  const uncached = Math.max(0, promptTokens - cachedTokens);
  const missing = `${uncached} of ${promptTokens} prompt tokens are not cached`;
  if (leastQueued === undefined) return { remote: false, reason: `prefill in place: no prefill replica is there; ${missing}` };
  if (uncached < rules.minUncachedTokens) return { remote: false, reason: `prefill in place: ${missing}, fewer than ${rules.minUncachedTokens}` };
  if (rules.maxPrefillQueue !== undefined && leastQueued > rules.maxPrefillQueue)
    return { remote: false, reason: `prefill in place: every prefill replica has more than ${rules.maxPrefillQueue} requests; ${missing}` };
  return { remote: true, reason: missing };
}
