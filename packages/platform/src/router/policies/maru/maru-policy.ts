import { DEFAULT_COST_RATES } from '../../policy/cost-rates.ts';
import type { Candidate, Choice, Policy } from '../../policy/policy.ts';
import { type CompletionCost, completionCost, type MaruOptions } from './completion-cost.ts';
import type { Pool } from './missed-slo.ts';
import { pickNearEqual } from './near-equal.ts';
import { Overload } from './overload.ts';

const DEFAULT_MARU: MaruOptions = Object.freeze({ rates: DEFAULT_COST_RATES, nanoUsdPerMs: 1000, patience: 30 });

const SMOOTHING = 0.02;
/** Chance to miss its SLO from which a request counts as lost. */
const LOST = 0.15;

/** The lowest predicted completion cost; everything is in one unit, so that no weights have to be tuned. */
export function createMaruPolicy(given: Partial<MaruOptions> = {}): Policy {
  const options = { ...DEFAULT_MARU, ...given };
  let meanPrefillMs = 0;
  let meanDemandMs = 0;
  const overload = new Overload();
  return {
    name: 'maru',
    reads: ['queue', 'precise-prefix', 'in-flight', 'kv-use', 'active-prefill'],
    choose: (request, candidates, random): Choice => {
      const pool: Pool = { meanPrefillMs, meanDemandMs, usualShare: usualShare(candidates), prefillShare: mean(candidates, prefillShareOf) };
      const overloaded = overload.evident;
      const withPool = { ...options, pool, overloaded };
      const costs = candidates.map((candidate) => completionCost(request, candidate, withPool));
      let least = Number.POSITIVE_INFINITY;
      let leastPrefillMs = Number.POSITIVE_INFINITY;
      let leastDemandMs = Number.POSITIVE_INFINITY;
      let leastLost = 1;
      for (const { totalMs, prefillMs, demandMs, lost } of costs) {
        leastLost = Math.min(leastLost, lost);
        leastDemandMs = Math.min(leastDemandMs, demandMs);
        least = Math.min(least, totalMs);
        leastPrefillMs = Math.min(leastPrefillMs, prefillMs);
      }
      meanPrefillMs = meanPrefillMs === 0 ? leastPrefillMs : meanPrefillMs + SMOOTHING * (leastPrefillMs - meanPrefillMs);
      meanDemandMs = meanDemandMs === 0 ? leastDemandMs : meanDemandMs + SMOOTHING * (leastDemandMs - meanDemandMs);
      const totals = costs.map(({ totalMs }) => (1 + least) / (1 + totalMs));
      const index = pickNearEqual(costs, candidates, { promptTokens: request.promptTokens, random });
      if (request.slo !== undefined) overload.placed((overloaded ? (costs[index]?.lost ?? 0) : leastLost) >= LOST);
      return {
        index,
        scores: new Map([['completion-cost', totals]]),
        totals,
        costMs: (place) => partsOf(costs[place]),
        why: reason(costs[index], candidates[index], request.promptTokens),
      };
    },
  };
}

const mean = (candidates: readonly Candidate[], of: (candidate: Candidate) => number): number =>
  candidates.reduce((sum, candidate) => sum + of(candidate), 0) / candidates.length;

/** Those that are drowned in prompts say nothing of the others. */
function usualShare(candidates: readonly Candidate[]): number {
  let sum = 0;
  let count = 0;
  for (const { prefillShare } of candidates) {
    if (prefillShare >= 1) continue;
    sum += prefillShare;
    count += 1;
  }
  return count === 0 ? 1 : sum / count;
}

/** One that is drowned counts little more than one that is full. */
const prefillShareOf = (candidate: Candidate): number => Math.min(1.5, candidate.prefillShare);

const partsOf = (cost: CompletionCost | undefined): Readonly<Record<string, number>> =>
  cost === undefined
    ? {}
    : {
        queue: cost.queueMs,
        prefill: cost.prefillMs,
        decode: cost.decodeMs,
        displaced: cost.displacedMs,
        money: cost.moneyMs,
        missed: cost.missedMs,
      };

function reason(cost: CompletionCost | undefined, chosen: Candidate | undefined, promptTokens: number): string {
  if (cost === undefined || chosen === undefined) return '';
  const cached = chosen.cachedTokens > 0 ? `, ${chosen.cachedTokens} of ${promptTokens} tokens cached` : '';
  const money = cost.moneyMs > 0 ? `, ${(chosen.costNanoUsd / 1e9).toFixed(6)} USD` : '';
  const missed = cost.missedMs > cost.totalMs / 2 ? '; the SLO is missed here with the least harm to others' : '';
  return `soonest done: queue ${ms(cost.queueMs)}, prefill ${ms(cost.prefillMs)}, decode +${ms(cost.decodeMs)}${cached}${money}${missed}`;
}

const ms = (value: number): string => `${value < 10 ? value.toFixed(1) : Math.round(value)} ms`;
