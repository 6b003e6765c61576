import type { Candidate } from '../../policy/policy.ts';
import type { CompletionCost } from './completion-cost.ts';

/** Share of the least predicted time by which another one may be longer and still be taken as equal: predictions are no better. */
const TIME_ERROR = 0.25;
/** Share of a prompt by which what is cached of it may differ and count as the same. */
const SAME_CACHED = 0.05;

/**
 * Among the places whose costs cannot be told apart, those that hold most of the prompt, and of these the one whose memory
 * is used least: what is computed there stays there, so that prompts with other beginnings get homes of equal size.
 */
export function pickNearEqual(
  costs: readonly CompletionCost[],
  candidates: readonly Candidate[],
  context: { readonly promptTokens: number; readonly random: () => number },
): number {
  const near = nearEqual(costs);
  let mostCached = 0;
  for (const place of near) mostCached = Math.max(mostCached, candidates[place]?.cachedTokens ?? 0);
  const enough = mostCached - SAME_CACHED * context.promptTokens;
  let best = near[0] ?? 0;
  let bestHeld = Number.POSITIVE_INFINITY;
  let ties = 0;
  for (const place of near) {
    const candidate = candidates[place];
    if (candidate === undefined || candidate.cachedTokens < enough) continue;
    const held = heldTokens(candidate);
    const difference = held === bestHeld ? (costs[place]?.totalMs ?? 0) - (costs[best]?.totalMs ?? 0) : held - bestHeld;
    if (ties > 0 && difference > 0) continue;
    ties = ties > 0 && difference === 0 ? ties + 1 : 1;
    if (ties > 1 && context.random() * ties >= 1) continue;
    best = place;
    bestHeld = held;
  }
  return best;
}

/** Money and misses are no matter of that error: what they differ by counts. */
function nearEqual(costs: readonly CompletionCost[]): readonly number[] {
  let least: CompletionCost | undefined;
  for (const cost of costs) if (least === undefined || cost.totalMs < least.totalMs) least = cost;
  if (least === undefined) return [];
  const most = least.totalMs + TIME_ERROR * (least.totalMs - least.moneyMs - least.missedMs);
  return costs.flatMap(({ totalMs }, place) => (totalMs <= most ? [place] : []));
}

/** Tokens that the running requests hold, and those that are on their way; as far as known. */
const heldTokens = ({ kvTokens, kvUse, prefillTokens, uncachedTokens }: Candidate): number =>
  kvUse > 0 && kvTokens > 0 ? kvUse * kvTokens + prefillTokens : uncachedTokens;
