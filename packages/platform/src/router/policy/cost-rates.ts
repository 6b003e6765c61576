/** How fast an endpoint is: given as those of an ordinary replica, then learned per endpoint from what came of its requests. */
export interface CostRates {
  /** Time to first token of a short prompt on an idle endpoint, in milliseconds. */
  readonly firstTokenMs: number;
  readonly prefillMsPerToken: number;
  /** Attention: per pair of a new prompt token and a token before it, in milliseconds. */
  readonly prefillMsPerPair: number;
  /** Duration of a step that decodes one short request, in milliseconds. */
  readonly stepMs: number;
  /** How much one running request adds to each step of the batch, in milliseconds. */
  readonly stepMsPerRequest: number;
  /** How much one token of context adds to each step of the batch, in milliseconds. */
  readonly stepMsPerContextToken: number;
  /** Share of a prefill by which each running request is held up, from 0 to 1. */
  readonly prefillHoldsUp: number;
}

export const DEFAULT_COST_RATES: CostRates = Object.freeze({
  firstTokenMs: 15,
  prefillMsPerToken: 0.04,
  prefillMsPerPair: 1.2e-6,
  stepMs: 10,
  stepMsPerRequest: 0.05,
  stepMsPerContextToken: 0.00006,
  prefillHoldsUp: 1,
});

/** Time to compute the part of a prompt that is not cached, in milliseconds. */
export function prefillMs(rates: CostRates, promptTokens: number, cachedTokens: number): number {
  const uncached = Math.max(0, promptTokens - cachedTokens);
  return uncached * rates.prefillMsPerToken + attentionPairs(promptTokens, cachedTokens) * rates.prefillMsPerPair;
}

/** Pairs of a token that has to be computed and one that it attends to. */
export function attentionPairs(promptTokens: number, cachedTokens: number): number {
  const uncached = Math.max(0, promptTokens - cachedTokens);
  return uncached * (promptTokens - uncached / 2);
}

/** Time over which it is counted for which share of its time an endpoint computes prompts. */
export const PREFILL_WINDOW_MS = 10_000;
/** However busy with prompts, an endpoint decodes for this share of its time. */
const LEAST_DECODE_SHARE = 0.02;

/** Duration of a step that decodes this batch. */
export const stepMs = (rates: CostRates, requests: number, contextTokens: number): number =>
  rates.stepMs + requests * rates.stepMsPerRequest + contextTokens * rates.stepMsPerContextToken;

/** Share of its time in which an endpoint decodes, while prompts take this share. */
export const decodeShare = (rates: CostRates, prefillShare: number): number => Math.max(LEAST_DECODE_SHARE, 1 - prefillShare * rates.prefillHoldsUp);
