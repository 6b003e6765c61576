import { describe, expect, it } from 'vitest';
import { candidates, policyRequest, seeded } from '../../__fixtures__/candidates.ts';
import type { Candidate } from '../../policy/policy.ts';
import { createPrecisePrefixPolicy } from './precise-prefix-policy.ts';

const takes = (list: readonly Candidate[]): number => createPrecisePrefixPolicy().choose(policyRequest(), list, seeded()).index;

describe('precise-prefix policy', () => {
  it('weighs the prefix by 3, free memory and a short queue by 2 each', () => {
    const choice = createPrecisePrefixPolicy().choose(policyRequest(), candidates({ cachedTokens: 1000, kvUse: 0.5, inFlight: 10 }, { inFlight: 0 }), seeded());

    expect(choice.totals.map((total) => Math.round(total * 7 * 100) / 100)).toEqual([4, 4]);
  });

  it('prefers the replica that holds the prompt while the load is alike', () => {
    expect(takes(candidates({ kvUse: 0.4 }, { cachedTokens: 800, kvUse: 0.5 }))).toBe(1);
  });

  it('leaves the prefix when the other replica is emptier in both respects', () => {
    expect(takes(candidates({ cachedTokens: 500, kvUse: 0.9, inFlight: 40 }, { kvUse: 0.1, inFlight: 2 }))).toBe(1);
  });
});
