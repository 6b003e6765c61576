import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { candidate, policyRequest, seeded } from '../../__fixtures__/candidates.ts';
import { createPrefixHashPolicy } from './prefix-hash-policy.ts';

const named = (count: number, loads: readonly number[] = []) =>
  Array.from({ length: count }, (_, index) => candidate(`replica-${index}`, { inFlight: loads[index] ?? 0 }));

describe('prefix-hash policy', () => {
  it('sends the same beginning to the same replica while it has room', () => {
    const policy = createPrefixHashPolicy();
    const homes = Array.from({ length: 20 }, () => policy.choose(policyRequest({ prefixKey: () => 42 }), named(8), seeded()).index);

    expect(new Set(homes).size).toBe(1);
  });

  it('spreads different beginnings', () => {
    const policy = createPrefixHashPolicy();
    const homes = new Set(Array.from({ length: 200 }, (_, key) => policy.choose(policyRequest({ prefixKey: () => key }), named(8), seeded()).index));

    expect(homes.size).toBe(8);
  });

  it('keeps the home of most beginnings when a replica goes, and gives it back when it returns', () => {
    const policy = createPrefixHashPolicy();
    const homeOf = (key: number, list = named(8)): string => list[policy.choose(policyRequest({ prefixKey: () => key }), list, seeded()).index]?.endpoint ?? '';
    const without = named(8).filter((each) => each.endpoint !== 'replica-3');

    for (let key = 0; key < 200; key += 1) {
      const home = homeOf(key);
      if (home !== 'replica-3') expect(homeOf(key, without)).toBe(home);
    }
  });

  it('never lets a replica pass its bound, even when all prompts begin alike', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 10 }),
        fc.integer({ min: 1, max: 120 }),
        fc.double({ min: 1, max: 3, noNaN: true }),
        (replicas, requests, loadFactor) => {
          const policy = createPrefixHashPolicy({ loadFactor });
          const loads = new Array<number>(replicas).fill(0);
          for (let total = 1; total <= requests; total += 1) {
            const { index } = policy.choose(policyRequest({ prefixKey: () => 5 }), named(replicas, loads), seeded());
            loads[index] = (loads[index] ?? 0) + 1;
            // Checked before it is added: at most one above its bound.
            expect(loads[index]).toBeLessThanOrEqual((total / replicas) * loadFactor + 1);
          }
        },
      ),
      { numRuns: 80 },
    );
  });
});
