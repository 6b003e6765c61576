import { describe, expect, it } from 'vitest';
import { createRandom } from '#time';
import { backends, strategyRequest } from '../__fixtures__/backends.ts';
import type { BackendCandidate } from '../strategy.ts';
import { priorityStrategy } from './priority-strategy.ts';

function shareOfFirstTier(...given: Partial<BackendCandidate>[]): number {
  const random = createRandom(9);
  const candidates = backends(...given);
  let first = 0;
  for (let turn = 0; turn < 4000; turn += 1) if (candidates[priorityStrategy.choose(strategyRequest(), candidates, random).index]?.order === 0) first += 1;
  return first / 4000;
}

describe('priority tiers', () => {
  it('keep all traffic in the first tier while it can take it', () => {
    expect(shareOfFirstTier({}, { order: 1 })).toBe(1);
    expect(shareOfFirstTier({ healthy: 0.75 }, { order: 1 })).toBe(1);
  });

  it('spill over in proportion to what is missing', () => {
    expect(shareOfFirstTier({ healthy: 0.5 }, { order: 1 })).toBeCloseTo(0.7, 1);
    expect(shareOfFirstTier({ healthy: 0 }, { order: 1 })).toBe(0);
  });

  it('spill over when the parallel requests of a tier run out', () => {
    expect(shareOfFirstTier({ maxParallel: 4, inFlight: 4 }, { order: 1 })).toBe(0);
    expect(shareOfFirstTier({ maxParallel: 4, inFlight: 4 }, { maxParallel: 4, inFlight: 1 }, { order: 1 })).toBeCloseTo(0.7, 1);
  });

  it('say where a request went', () => {
    expect(priorityStrategy.choose(strategyRequest(), backends({ order: 2 }, { order: 5 }), () => 0).why).toBe('tier 2');
    expect(priorityStrategy.choose(strategyRequest(), backends({ healthy: 0 }, { order: 1 }), () => 0).why).toBe('tier 1, spilled over');
  });
});
