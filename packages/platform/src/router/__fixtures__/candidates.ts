import { createRandom } from '#time';
import type { Candidate, PolicyRequest } from '../policy/policy.ts';

/** A candidate for tests: idle, empty and as fast as predicted, unless told otherwise. */
export const candidate = (endpoint: string, facts: Partial<Candidate> = {}): Candidate => ({
  endpoint,
  inFlight: 0,
  kvUse: 0,
  waiting: 0,
  contextTokens: 0,
  uncachedTokens: 0,
  kvTokens: 0,
  queueMs: 0,
  prefilling: 0,
  decoded: { ms: 0, tokens: 0 },
  prefillTokens: 0,
  prefillShare: 0,
  activeTokens: 0,
  activeMatchedTokens: 0,
  cachedTokens: 0,
  hostCachedTokens: 0,
  diskCachedTokens: 0,
  indexBlocks: 0,
  cacheFill: 0,
  cacheYield: 0,
  costNanoUsd: 0,
  rates: undefined,
  ...facts,
});

/** Candidates `a`, `b`, `c` … with these facts. */
export const candidates = (...facts: Partial<Candidate>[]): Candidate[] => facts.map((each, index) => candidate(String.fromCharCode(97 + index), each));

export const policyRequest = (facts: Partial<PolicyRequest> = {}): PolicyRequest => ({
  promptTokens: 1000,
  outputTokens: 100,
  session: undefined,
  prefixKey: () => 1,
  ...facts,
});

export const seeded = (seed = 1): (() => number) => createRandom(seed);
