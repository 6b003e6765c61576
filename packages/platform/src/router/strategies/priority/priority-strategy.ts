import { asScores, pickByShare } from '../pick-backend.ts';
import type { BackendCandidate, Strategy } from '../strategy.ts';

/** A tier takes all traffic until less than 1/1.4 (71%) of it is able to. Source: Envoy's "overprovisioning factor". */
const SPARE = 1.4;

/**
 * Tiers by `order`: all traffic goes to the first one while it is able to take it, and spills over to the next as its endpoints rest or
 * its parallel requests run out. Within a tier by weight.
 */
export const priorityStrategy: Strategy = {
  name: 'priority',
  reads: ['order', 'health', 'in-flight', 'weight'],
  seesAllLevels: true,
  choose: (_request, candidates, random) => {
    const tiers = [...new Set(candidates.map((candidate) => candidate.order))].sort((left, right) => left - right);
    const shares = candidates.map(() => 0);
    let rest = 1;
    for (const tier of tiers) {
      const able = ability(candidates.filter((candidate) => candidate.order === tier));
      const load = Math.min(rest, able * SPARE);
      rest -= load;
      spread(candidates, { tier, load, shares });
    }
    const index = pickByShare(shares, random);
    const order = candidates[index]?.order ?? 0;
    return { index, scores: asScores(shares), why: order === tiers[0] ? `tier ${order}` : `tier ${order}, spilled over` };
  },
};

/** Share of a tier that can take requests. */
function ability(tier: readonly BackendCandidate[]): number {
  const total = tier.reduce((sum, candidate) => sum + weightOf(candidate), 0);
  return total <= 0 ? 0 : tier.reduce((sum, candidate) => sum + weightOf(candidate) * freeOf(candidate), 0) / total;
}

function spread(candidates: readonly BackendCandidate[], options: { readonly tier: number; readonly load: number; readonly shares: number[] }): void {
  const { tier, load, shares } = options;
  const free = candidates.map((candidate) => (candidate.order === tier ? weightOf(candidate) * freeOf(candidate) : 0));
  const total = free.reduce((sum, share) => sum + share, 0);
  if (total > 0) for (const [index, share] of free.entries()) if (share > 0) shares[index] = (share / total) * load;
}

const weightOf = (candidate: BackendCandidate): number => candidate.weight ?? 1;

const freeOf = (candidate: BackendCandidate): number =>
  candidate.maxParallel !== undefined && candidate.inFlight >= candidate.maxParallel ? 0 : candidate.healthy;
