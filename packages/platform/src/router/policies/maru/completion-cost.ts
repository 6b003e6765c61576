import type { Candidate, PolicyRequest } from '../../policy/policy.ts';

/** Rates of an ordinary replica; how an endpoint differs from them is learned as its slowness. */
export interface CostRates {
  readonly prefillMsPerToken: number;
  /** How much one running request slows down each step of another, in milliseconds. */
  readonly interferenceMsPerRequest: number;
  /** Duration of a step, in milliseconds, which a request waits for when memory is full. */
  readonly stepMs: number;
}

export const DEFAULT_COST_RATES: CostRates = Object.freeze({ prefillMsPerToken: 0.04, interferenceMsPerRequest: 0.1, stepMs: 10 });

/** KV use above which new requests probably wait or displace others. */
const FULL_KV_USE = 0.9;

export interface CompletionCost {
  readonly queueMs: number;
  readonly prefillMs: number;
  readonly decodeMs: number;
  readonly totalMs: number;
}

/** Predicted time that this request adds on this endpoint, in milliseconds: queue, uncached prefill, decode interference. */
export function completionCost(request: PolicyRequest, candidate: Candidate, rates: CostRates): CompletionCost {
  const queueMs = candidate.queueMs;
  const prefillMs = Math.max(0, request.promptTokens - candidate.cachedTokens) * rates.prefillMsPerToken * candidate.slowness;
  const crowdMs = candidate.inFlight * rates.interferenceMsPerRequest * request.outputTokens;
  const fullMs = Math.max(0, candidate.kvUse - FULL_KV_USE) * 10 * rates.stepMs * request.outputTokens;
  const decodeMs = (crowdMs + fullMs) * candidate.slowness;
  return { queueMs, prefillMs, decodeMs, totalMs: queueMs + prefillMs + decodeMs };
}
