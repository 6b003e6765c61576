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

/** A record of more than this is of no use to a person and much to keep. */
const MAX_DESCRIBED = 64;

/** The endpoints in their order, the best ones of very many: those that were scored with their scores, the others with what removed them. */
export function describeCandidates(described: Described): RouteDecision['candidates'] {
  const { choice, candidates } = described;
  const least =
    described.pairs.length <= MAX_DESCRIBED ? Number.NEGATIVE_INFINITY : ([...choice.totals].sort((left, right) => right - left)[MAX_DESCRIBED - 1] ?? 0);
  const isKept = (index: number): boolean => index === choice.index || (choice.totals[index] ?? 0) > least;
  let scored = -1;
  return described.pairs.flatMap(({ state }, place) => {
    const removedBy = described.removedBy[place];
    if (removedBy !== undefined && least > Number.NEGATIVE_INFINITY) return [];
    if (removedBy !== undefined) return { endpoint: state.endpoint, removedBy, scores: {}, total: 0, expectedCachedTokens: 0 };
    scored += 1;
    const index = scored;
    if (!isKept(index)) return [];
    const costMs = choice.costMs?.(index);
    return {
      endpoint: state.endpoint,
      scores: Object.fromEntries([...choice.scores].map(([name, values]) => [name, values[index] ?? 0])),
      total: choice.totals[index] ?? 0,
      expectedCachedTokens: candidates[index]?.cachedTokens ?? 0,
      predictedTtftMs: described.ttftMs[index] ?? 0,
      ...(costMs === undefined ? {} : { costMs: finite(costMs) }),
    };
  });
}

/** What can be written as JSON. */
const finite = (parts: Readonly<Record<string, number>>): Record<string, number> =>
  Object.fromEntries(Object.entries(parts).filter(([, value]) => Number.isFinite(value)));
