import type { RouteDecision } from '@maru/api/records';

/** What was expected and what came of it, of one endpoint in one stretch of time. Sums, so that stretches can be added. */
export interface HistoryPoint {
  readonly endpoint: string;
  /** Beginning of the stretch. */
  readonly atMs: number;
  /** Decisions that have ended. */
  readonly decisions: number;
  /** Of them those after a failed attempt of the same request. */
  readonly retries: number;
  /** Prompt tokens of the decisions whose cache hit was expected and is known. */
  readonly promptTokens: number;
  readonly expectedCachedTokens: number;
  readonly realisedCachedTokens: number;
  /** Prompt tokens of all decisions whose hit is known, expected or not. */
  readonly seenPromptTokens: number;
  readonly seenCachedTokens: number;
  /** Decisions whose first token was predicted and seen. */
  readonly timed: number;
  readonly predictedTtftMs: number;
  readonly realisedTtftMs: number;
  /** Sum of |predicted − realised|. */
  readonly ttftErrorMs: number;
}

/** What one ended decision adds. */
interface EndedDecision {
  readonly decision: Pick<RouteDecision, 'chosen' | 'atMs' | 'promptTokens' | 'expectedCachedTokens'>;
  readonly retry: boolean;
  /** Cached tokens, where they are known; `expected` where somebody looked at the prompt before. */
  readonly hit: { readonly realised: number; readonly expected: boolean } | undefined;
  readonly ttft: { readonly predictedMs: number; readonly realisedMs: number } | undefined;
}

/** The past of the predictions, in memory and bounded: of each endpoint the last stretches that had a decision. */
export interface History {
  add(ended: EndedDecision): void;
  /** Oldest first; what began before `fromMs` is left out. */
  points(fromMs?: number): readonly HistoryPoint[];
  forget(endpoint: string): void;
}

const STRETCH_MS = 300_000;
const STRETCHES = 288;
const MAX_ENDPOINTS = 4096;

type Sums = { -readonly [K in keyof HistoryPoint]: HistoryPoint[K] };

export function createHistory(): History {
  const endpoints = new Map<string, Map<number, Sums>>();

  const sumsOf = (endpoint: string, atMs: number): Sums => {
    const start = atMs - (atMs % STRETCH_MS);
    const known = endpoints.get(endpoint)?.get(start);
    if (known !== undefined) return known;
    const stretches = endpoints.get(endpoint) ?? new Map<number, Sums>();
    endpoints.set(endpoint, stretches);
    if (endpoints.size > MAX_ENDPOINTS) endpoints.delete(endpoints.keys().next().value ?? '');
    const sums = emptySums(endpoint, start);
    stretches.set(start, sums);
    if (stretches.size > STRETCHES) stretches.delete(stretches.keys().next().value ?? 0);
    return sums;
  };

  return {
    add({ decision, retry, hit, ttft }) {
      const sums = sumsOf(decision.chosen, decision.atMs);
      sums.decisions += 1;
      if (retry) sums.retries += 1;
      if (hit !== undefined) {
        sums.seenPromptTokens += decision.promptTokens;
        sums.seenCachedTokens += hit.realised;
      }
      if (hit?.expected === true) {
        sums.promptTokens += decision.promptTokens;
        sums.expectedCachedTokens += decision.expectedCachedTokens;
        sums.realisedCachedTokens += hit.realised;
      }
      if (ttft !== undefined) {
        sums.timed += 1;
        sums.predictedTtftMs += ttft.predictedMs;
        sums.realisedTtftMs += ttft.realisedMs;
        sums.ttftErrorMs += Math.abs(ttft.predictedMs - ttft.realisedMs);
      }
    },
    points: (fromMs = 0) =>
      [...endpoints.values()]
        .flatMap((stretches) => [...stretches.values()])
        .filter((sums) => sums.atMs >= fromMs - STRETCH_MS + 1)
        .sort((left, right) => left.atMs - right.atMs)
        .map((sums) => ({ ...sums })),
    forget: (endpoint) => void endpoints.delete(endpoint),
  };
}

const emptySums = (endpoint: string, atMs: number): Sums => ({
  endpoint,
  atMs,
  decisions: 0,
  retries: 0,
  promptTokens: 0,
  expectedCachedTokens: 0,
  realisedCachedTokens: 0,
  seenPromptTokens: 0,
  seenCachedTokens: 0,
  timed: 0,
  predictedTtftMs: 0,
  realisedTtftMs: 0,
  ttftErrorMs: 0,
});
