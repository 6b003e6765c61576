import type { Candidate, PolicyRequest } from '../../policy/policy.ts';

/** Rates of an ordinary replica; how an endpoint differs from them is learned as its slowness. */
export interface CostRates {
  /** Time to first token of a short prompt on an idle endpoint, in milliseconds; only shown and learned from, the same for all. */
  readonly firstTokenMs: number;
  readonly prefillMsPerToken: number;
  /** How much one running request adds to each step of the batch, in milliseconds. */
  readonly stepMsPerRequest: number;
  /** How much one token of context adds to each step of the batch, in milliseconds. */
  readonly stepMsPerContextToken: number;
  /** Duration of a step, in milliseconds, for which a request waits when memory is full. */
  readonly stepMs: number;
  /** Share of a prefill by which each running request is held up, from 0 to 1. */
  readonly prefillHoldsUp: number;
}

export const DEFAULT_COST_RATES: CostRates = Object.freeze({
  firstTokenMs: 15,
  prefillMsPerToken: 0.04,
  stepMsPerRequest: 0.05,
  stepMsPerContextToken: 0.00006,
  stepMs: 10,
  prefillHoldsUp: 0.5,
});

/** Share of the KV memory above which new requests probably wait or displace others. */
const FULL_KV_USE = 0.9;

export interface CompletionCost {
  readonly queueMs: number;
  readonly prefillMs: number;
  readonly decodeMs: number;
  readonly totalMs: number;
}

/**
 * Predicted time that this request adds on this endpoint, in milliseconds: its wait, its uncached prefill, and the
 * interference of decoding, both what it suffers from the others and what they suffer from it.
 */
export function completionCost(request: PolicyRequest, candidate: Candidate, rates: CostRates): CompletionCost {
  const { queueMs, inFlight, slowness } = candidate;
  const uncached = Math.max(0, request.promptTokens - candidate.cachedTokens);
  const prefillMs = uncached * rates.prefillMsPerToken * slowness;
  const sufferedMs = (inFlight * rates.stepMsPerRequest + candidate.contextTokens * rates.stepMsPerContextToken) * request.outputTokens;
  const causedMs = inFlight * (rates.stepMsPerRequest + request.promptTokens * rates.stepMsPerContextToken) * request.outputTokens;
  const use = candidate.kvUse + (candidate.kvTokens > 0 ? uncached / candidate.kvTokens : 0);
  const fullMs = Math.max(0, use - FULL_KV_USE) * 10 * rates.stepMs * request.outputTokens;
  const decodeMs = (sufferedMs + causedMs + fullMs) * slowness + inFlight * prefillMs * rates.prefillHoldsUp;
  return { queueMs, prefillMs, decodeMs, totalMs: queueMs + prefillMs + decodeMs };
}
