import { type CostRates, decodeShare, prefillMs, stepMs } from '../../policy/cost-rates.ts';
import type { Candidate, PolicyRequest } from '../../policy/policy.ts';
import { missedSlo, type Pool } from './missed-slo.ts';

export interface MaruOptions {
  /** How fast an endpoint is taken to be whose candidates tell no rates. */
  readonly rates: CostRates;
  /** What a millisecond is worth, in nano-USD: how money and time are added. */
  readonly nanoUsdPerMs: number;
  /** How many times its whole SLO a request that misses it anyway may wait so that one other keeps it. */
  readonly patience: number;
}

/** Parts of a cost in milliseconds. */
export interface CompletionCost {
  readonly queueMs: number;
  readonly prefillMs: number;
  /** Interference: what it suffers from those in the batch, and what they suffer from it. */
  readonly decodeMs: number;
  /** What the blocks that it displaces would have saved. */
  readonly displacedMs: number;
  /** The price, as time. */
  readonly moneyMs: number;
  /** Requests that miss their SLO because of it, as time. */
  readonly missedMs: number;
  readonly totalMs: number;
}

/** Share of an answer for which those in the batch now are still there: on average they have half of theirs behind them. */
const TOGETHER = 0.5;
/** No token in a cache is taken to save more than this many times its own computation. */
const MOST_YIELD = 20;
/** Use of the memory from which it counts as lacking, where its size is not known. */
const FULL_KV_USE = 0.9;

/** Predicted cost of this request on this endpoint, all in one unit. */
export function completionCost(request: PolicyRequest, candidate: Candidate, options: MaruOptions & { readonly pool?: Pool }): CompletionCost {
  const { pool } = options;
  const rates = candidate.rates ?? options.rates;
  const { promptTokens, outputTokens, slo } = request;
  const { inFlight, contextTokens } = candidate;
  const ownMs = prefillMs(rates, promptTokens, candidate.cachedTokens);
  const others = Math.max(0, inFlight - candidate.prefilling);
  const share = decodeShare(rates, candidate.prefillShare);
  const before = { stepMs: stepMs(rates, inFlight, contextTokens), decodeShare: share };
  const after = { stepMs: stepMs(rates, inFlight + 1, contextTokens + promptTokens), decodeShare: share };
  const together = outputTokens * TOGETHER;
  const sufferedMs = (inFlight * rates.stepMsPerRequest + contextTokens * rates.stepMsPerContextToken) * together;
  const causedMs = inFlight * (rates.stepMsPerRequest + promptTokens * rates.stepMsPerContextToken) * together;
  const decodeMs = sufferedMs + causedMs + others * ownMs * rates.prefillHoldsUp;
  const queueMs = candidate.queueMs + memoryWaitMs(request, candidate, after.stepMs / after.decodeShare);
  const displacedMs = candidate.cacheFill * Math.min(MOST_YIELD, candidate.cacheYield) * ownMs;
  const moneyMs = candidate.costNanoUsd / options.nanoUsdPerMs;
  const budgetMs = options.patience * ((slo?.ttftMs ?? 0) + (slo?.itlMs ?? 0) * outputTokens);
  const ttftMs = rates.firstTokenMs + queueMs + ownMs;
  const missed =
    slo === undefined || pool === undefined
      ? 0
      : missedSlo(
          slo,
          { ttftMs, queueMs, ownMs, holdsUpMs: ownMs * rates.prefillHoldsUp, before, after, others, decoded: candidate.decoded, outputTokens },
          pool,
        );
  const missedMs = missed * budgetMs;
  return { queueMs, prefillMs: ownMs, decodeMs, displacedMs, moneyMs, missedMs, totalMs: queueMs + ownMs + decodeMs + displacedMs + moneyMs + missedMs };
}

/** Where the memory does not suffice, until as much of it is free again: its requests give it back over their lifetime. */
function memoryWaitMs(request: PolicyRequest, candidate: Candidate, itl: number): number {
  const { kvTokens, kvUse } = candidate;
  const lifeMs = request.outputTokens * itl;
  if (kvTokens === 0) return Math.max(0, kvUse - FULL_KV_USE) * lifeMs;
  const growth = (candidate.inFlight * request.outputTokens) / 2;
  const used = Math.max(kvUse * kvTokens, candidate.uncachedTokens) + growth;
  const lacking = used + request.promptTokens - candidate.cachedTokens + request.outputTokens - kvTokens;
  return lacking <= 0 || used === 0 ? 0 : Math.min(1, lacking / used) * lifeMs;
}
