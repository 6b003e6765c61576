/** What is known of a model at the time of a decision; what costs something is asked for by a call. */
export interface BackendSignals {
  readonly inFlight: number;
  readonly firstTokenMs: number | undefined;
  readonly answerMs: number | undefined;
  readonly usedRequests: number;
  readonly usedTokens: number;
  /** Share of its endpoints that do not rest; 0 when all of them rest. */
  readonly healthy: number;
  readonly contextWindow: number | undefined;
  costNanoUsd(): number | undefined;
  spentNanoUsd(perMs: number): number;
}

/** Of a model that nothing is known of. */
export const NO_SIGNALS: BackendSignals = Object.freeze({
  inFlight: 0,
  firstTokenMs: undefined,
  answerMs: undefined,
  usedRequests: 0,
  usedTokens: 0,
  healthy: 1,
  contextWindow: undefined,
  costNanoUsd: () => undefined,
  spentNanoUsd: () => 0,
});
