import type { RouteDecision } from '@maru/api/records';
import type { Candidate, Choice } from '../policy/policy.ts';
import type { EndpointState } from '../state/endpoint-state.ts';

export interface Described {
  readonly pairs: readonly { readonly state: EndpointState }[];
  readonly removedBy: readonly (string | undefined)[];
  readonly candidates: readonly Candidate[];
  readonly choice: Choice;
  readonly ttftMs: readonly number[];
}

/** All endpoints in their order: those that were scored with their scores, the others with what removed them. */
export function describeCandidates(described: Described): RouteDecision['candidates'] {
  const { choice, candidates } = described;
  let scored = -1;
  return described.pairs.map(({ state }, place) => {
    const removedBy = described.removedBy[place];
    if (removedBy !== undefined) return { endpoint: state.endpoint, removedBy, scores: {}, total: 0, expectedCachedTokens: 0 };
    scored += 1;
    const index = scored;
    return {
      endpoint: state.endpoint,
      scores: Object.fromEntries([...choice.scores].map(([name, values]) => [name, values[index] ?? 0])),
      total: choice.totals[index] ?? 0,
      expectedCachedTokens: candidates[index]?.cachedTokens ?? 0,
      predictedTtftMs: described.ttftMs[index] ?? 0,
    };
  });
}
