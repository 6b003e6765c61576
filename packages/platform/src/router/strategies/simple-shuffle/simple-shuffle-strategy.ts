import { asScores, pickByShare } from '../pick-backend.ts';
import type { BackendCandidate, Strategy } from '../strategy.ts';

/**
 * By chance, in proportion to the weights; where no backend has one, to the requests per minute that each may take, else to the
 * tokens per minute, else all alike.
 */
export const simpleShuffleStrategy: Strategy = {
  name: 'simple-shuffle',
  reads: ['weight', 'limits'],
  choose: (_request, candidates, random) => {
    const { shares, word } = sharesOf(candidates);
    const index = pickByShare(shares, random);
    const total = shares.reduce((sum, share) => sum + share, 0);
    return { index, scores: asScores(shares), why: candidates.length === 1 ? '' : `${word} ${shares[index] ?? 0} of ${total}` };
  },
};

function sharesOf(candidates: readonly BackendCandidate[]): { readonly shares: number[]; readonly word: string } {
  if (candidates.some((candidate) => candidate.weight !== undefined)) return { shares: candidates.map((candidate) => candidate.weight ?? 1), word: 'weight' };
  if (candidates.some((candidate) => candidate.rpm !== undefined)) return { shares: candidates.map((candidate) => candidate.rpm ?? 0), word: 'rpm' };
  if (candidates.some((candidate) => candidate.tpm !== undefined)) return { shares: candidates.map((candidate) => candidate.tpm ?? 0), word: 'tpm' };
  return { shares: candidates.map(() => 1), word: 'share' };
}
