import type { Candidate, PolicyRequest, Scorer } from '../../policy/policy.ts';
import { inFlightScorer, kvUseScorer, leastFirst, shareOf } from '../../policy/scorers.ts';

/** Waiting requests at which `load-aware-scorer` gives nothing, as in llm-d. */
const FULL_QUEUE = 128;
/** Tokens in flight at which `token-load-scorer` gives nothing, as in llm-d. */
const FULL_TOKENS = 4_194_304;

/** Prefers endpoints that hold the prompt in their cache. */
export const prefixScorer = (reads: 'prefix' | 'precise-prefix'): Scorer => ({
  name: 'prefix',
  reads: [reads],
  score: (request, candidates) => candidates.map((candidate) => shareOf(candidate, request.promptTokens)),
});

/** Prefers endpoints where few requests wait, by their own report. */
export const waitingScorer: Scorer = {
  name: 'queue',
  reads: ['waiting'],
  score: (_request, candidates) => leastFirst(candidates.map(({ waiting }) => waiting)),
};

const each =
  (score: (candidate: Candidate, request: PolicyRequest) => number) =>
  (request: PolicyRequest, candidates: readonly Candidate[]): readonly number[] =>
    candidates.map((candidate) => score(candidate, request));

/** llm-d's types of scorers, each with what the router knows in its place. */
export const PROFILE_SCORERS: Readonly<Record<string, Scorer>> = Object.freeze({
  'queue-scorer': waitingScorer,
  'kv-cache-utilization-scorer': kvUseScorer,
  'prefix-cache-scorer': prefixScorer('prefix'),
  'precise-prefix-cache-scorer': prefixScorer('precise-prefix'),
  'running-requests-size-scorer': { ...inFlightScorer, name: 'running' },
  'active-request-scorer': inFlightScorer,
  'load-aware-scorer': { name: 'load', reads: ['waiting'], score: each(({ waiting }) => 0.5 * Math.max(0, 1 - waiting / FULL_QUEUE)) },
  'token-load-scorer': { name: 'tokens', reads: ['in-flight'], score: each(({ uncachedTokens }) => 1 - Math.min(1, uncachedTokens / FULL_TOKENS)) },
} satisfies Readonly<Record<string, Scorer>>);
