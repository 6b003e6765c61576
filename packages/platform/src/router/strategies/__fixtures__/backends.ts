import type { BackendCandidate, StrategyRequest } from '../strategy.ts';

/** Backends called a, b, c … that nothing is known of, but for what is given. */
export const backends = (...given: readonly Partial<BackendCandidate>[]): BackendCandidate[] =>
  given.map((more, index) => ({
    model: String.fromCharCode(97 + index),
    weight: undefined,
    order: 0,
    rpm: undefined,
    tpm: undefined,
    maxParallel: undefined,
    inFlight: 0,
    firstTokenMs: undefined,
    answerMs: undefined,
    usedRequests: 0,
    usedTokens: 0,
    costNanoUsd: undefined,
    healthy: 1,
    budgetLeft: 1,
    ...more,
  }));

export const strategyRequest = (more: Partial<StrategyRequest> = {}): StrategyRequest => ({
  promptTokens: 100,
  outputTokens: 200,
  sloTtftMs: undefined,
  streams: true,
  ...more,
});
