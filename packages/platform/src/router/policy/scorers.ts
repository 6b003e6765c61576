import type { Candidate, Scorer } from './policy.ts';

/** 1 for the least, 0 for the most, in between by distance; all equal give 1. */
export function leastFirst(values: readonly number[]): number[] {
  const least = Math.min(...values);
  const spread = Math.max(...values) - least;
  return values.map((value) => (spread === 0 ? 1 : 1 - (value - least) / spread));
}

/** Prefers endpoints with few requests. */
export const inFlightScorer: Scorer = {
  name: 'in-flight',
  reads: ['in-flight'],
  score: (_request, candidates) => leastFirst(candidates.map((candidate) => candidate.inFlight)),
};

/** Prefers endpoints with a short predicted queue. */
export const queueScorer: Scorer = {
  name: 'queue',
  reads: ['queue'],
  score: (_request, candidates) => leastFirst(candidates.map((candidate) => candidate.queueMs)),
};

/** Prefers endpoints with free KV memory. */
export const kvUseScorer: Scorer = {
  name: 'kv-use',
  reads: ['kv-use'],
  score: (_request, candidates) => candidates.map((candidate) => 1 - Math.min(1, Math.max(0, candidate.kvUse))),
};

/** Share of the prompt that an endpoint probably has in its cache. */
export const shareOf = (candidate: Candidate, promptTokens: number): number =>
  promptTokens <= 0 ? 0 : Math.min(1, Math.max(0, candidate.cachedTokens / promptTokens));
