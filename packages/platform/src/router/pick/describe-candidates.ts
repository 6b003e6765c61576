import type { RouteDecision } from '@maru/api/records';
import type { Choice } from '../policy/policy.ts';

/** What a decision was made of, in the order of the endpoints; `cachedTokens`, `ttftMs` and the choice count those only that no filter has removed. */
export interface Described {
  readonly endpoints: readonly string[];
  /** Undefined where no filter has removed any. */
  readonly removedBy: readonly (string | undefined)[] | undefined;
  readonly cachedTokens: readonly number[];
  readonly ttftMs: readonly number[];
  readonly choice: Choice;
}

/** A record of more than this is of no use to a person and much to keep. */
export const MAX_DESCRIBED = 64;

/** The endpoints in their order, the best ones of very many: those that were scored with their scores, the others with what removed them. */
export function describeCandidates({ endpoints, removedBy, cachedTokens, ttftMs, choice }: Described): RouteDecision['candidates'] {
  const least = endpoints.length <= MAX_DESCRIBED ? Number.NEGATIVE_INFINITY : ([...choice.totals].sort((left, right) => right - left)[MAX_DESCRIBED - 1] ?? 0);
  const isKept = (index: number): boolean => index === choice.index || (choice.totals[index] ?? 0) > least;
  let scored = -1;
  return endpoints.flatMap((endpoint, place) => {
    const filter = removedBy?.[place];
    if (filter !== undefined && least > Number.NEGATIVE_INFINITY) return [];
    if (filter !== undefined) return { endpoint, removedBy: filter, scores: {}, total: 0, expectedCachedTokens: 0 };
    scored += 1;
    const index = scored;
    if (!isKept(index)) return [];
    const costMs = choice.costMs?.(index);
    return {
      endpoint,
      scores: Object.fromEntries([...choice.scores].map(([name, values]) => [name, values[index] ?? 0])),
      total: choice.totals[index] ?? 0,
      expectedCachedTokens: cachedTokens[index] ?? 0,
      predictedTtftMs: ttftMs[index] ?? 0,
      ...(costMs === undefined ? {} : { costMs: finite(costMs) }),
    };
  });
}

/** What can be written as JSON. */
const finite = (parts: Readonly<Record<string, number>>): Record<string, number> =>
  Object.fromEntries(Object.entries(parts).filter(([, value]) => Number.isFinite(value)));
