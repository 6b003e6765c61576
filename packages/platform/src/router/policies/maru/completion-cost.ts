import { type CostRates, decodeShare, PREFILL_WINDOW_MS, prefillMs, stepMs } from '../../policy/cost-rates.ts';
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

interface CompletionOptions extends MaruOptions {
  readonly pool?: Pool;
  /** There is more load than can be kept within the SLO. */
  readonly overloaded?: boolean;
}

/** Parts of a cost in milliseconds. */
export interface CompletionCost {
  readonly queueMs: number;
  readonly prefillMs: number;
  /** Interference: what it suffers from those in the batch, and what they suffer from it. */
  readonly decodeMs: number;
  /** What the blocks that it displaces would have saved, to those that decode too. */
  readonly displacedMs: number;
  /** The price, as time. */
  readonly moneyMs: number;
  /** Requests that miss their SLO because of it, as time. */
  readonly missedMs: number;
  readonly totalMs: number;
  /** Chance that the request misses its SLO here whatever comes. */
  readonly lost: number;
  /** By which it slows each of the batch over its answer, and what its prompt displaces later. */
  readonly demandMs: number;
}

/** Share of an answer for which those in the batch now are still there: on average they have half of theirs behind them. */
const TOGETHER = 0.5;
/** No token in a cache is taken to save more than this many times its own computation. */
const MOST_YIELD = 20;
/** Use of the memory from which it counts as lacking, where its size is not known. */
const FULL_KV_USE = 0.9;

/** Predicted cost of this request on this endpoint, all in one unit. */
export function completionCost(request: PolicyRequest, candidate: Candidate, options: CompletionOptions): CompletionCost {
  const { pool } = options;
  const rates = candidate.rates ?? options.rates;
  const { promptTokens, outputTokens, slo } = request;
  const { inFlight, contextTokens } = candidate;
  const ownMs = prefillMs(rates, promptTokens, candidate.cachedTokens);
  const others = Math.max(0, inFlight - candidate.prefilling);
  const emptyStepMs = stepMs(rates, 0, 0);
  const beforeStepMs = stepMs(rates, inFlight, contextTokens);
  const othersStepMs = beforeStepMs - emptyStepMs;
  const ownStepMs = rates.stepMsPerRequest + promptTokens * rates.stepMsPerContextToken;
  const afterStepMs = beforeStepMs + ownStepMs;
  const prefillShare = pool === undefined ? candidate.prefillShare : lastingShare(candidate.prefillShare, pool.usualShare, outputTokens * afterStepMs);
  const share = decodeShare(rates, prefillShare);
  const together = outputTokens * TOGETHER;
  const decodeMs = (othersStepMs + inFlight * ownStepMs) * together + others * ownMs * rates.prefillHoldsUp;
  const queueMs = candidate.queueMs + memoryWaitMs(request, candidate, afterStepMs / share);
  const againMs = candidate.cacheFill * Math.min(MOST_YIELD, candidate.cacheYield) * ownMs;
  const displacedMs = againMs * (1 + others * rates.prefillHoldsUp);
  const moneyMs = candidate.costNanoUsd / options.nanoUsdPerMs;
  const holdsUpMs = ownMs * rates.prefillHoldsUp;
  const demandMs = outputTokens * ownStepMs + holdsUpMs + againMs * rates.prefillHoldsUp;
  const budgetMs = options.patience * ((slo?.ttftMs ?? 0) + (slo?.itlMs ?? 0) * outputTokens);
  let missedMs = 0;
  let lost = 0;
  if (slo !== undefined && pool !== undefined) {
    // Over its answer, those that decode now leave one by one.
    const staying = outputTokens <= 0 ? 1 : Math.max(0, 1 - candidate.decoded.tokens / outputTokens);
    const itlMs = { before: beforeStepMs / share, after: afterStepMs / share, least: (emptyStepMs + othersStepMs * staying + ownStepMs) / share };
    const batch = { others, decoded: candidate.decoded, outputTokens, emptyStepMs, othersStepMs, ownStepMs, decodeShare: share, holdsUpMs };
    const missed = missedSlo(slo, { ttftMs: rates.firstTokenMs + queueMs + ownMs, queueMs, ownMs, demandMs, itlMs, batch }, pool);
    missedMs = (options.overloaded === true ? missed.all : missed.firstTokens) * budgetMs;
    lost = missed.lost;
  }
  const totalMs = queueMs + ownMs + decodeMs + displacedMs + moneyMs + missedMs;
  return { queueMs, prefillMs: ownMs, decodeMs, displacedMs, moneyMs, missedMs, totalMs, lost, demandMs };
}

/** What an endpoint has had of prompts lately is forgotten over an answer; from then on it has as many as the others. */
function lastingShare(own: number, usual: number, lifeMs: number): number {
  if (lifeMs <= 0) return own;
  const lasting = (PREFILL_WINDOW_MS / lifeMs) * (1 - Math.exp(-lifeMs / PREFILL_WINDOW_MS));
  return usual + (own - usual) * lasting;
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
