import type { Candidate, Choice, Policy } from '../../policy/policy.ts';

/** Two replicas by chance, and of these the one with fewer requests. */
export function createPowerOfTwoPolicy(): Policy {
  return {
    name: 'power-of-two',
    reads: ['in-flight'],
    choose: (_request, candidates, random): Choice => {
      const first = indexBelow(candidates.length, random);
      const second = (first + 1 + indexBelow(candidates.length - 1, random)) % candidates.length;
      const index = loadOf(candidates, second) < loadOf(candidates, first) ? second : first;
      const totals = candidates.map((_candidate, place) => (place === index ? 1 : place === first || place === second ? 0.5 : 0));
      return { index, scores: new Map([['power-of-two', totals]]), totals, why: `fewer requests of two (${loadOf(candidates, index)})` };
    },
  };
}

const indexBelow = (count: number, random: () => number): number => Math.max(0, Math.min(count - 1, Math.floor(random() * count)));

const loadOf = (candidates: readonly Candidate[], index: number): number => candidates[index]?.inFlight ?? 0;
