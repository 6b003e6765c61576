import { describe, expect, it } from 'vitest';
import { candidates, policyRequest, seeded } from '../../__fixtures__/candidates.ts';
import type { Candidate } from '../../policy/policy.ts';
import { createLlmdPolicy } from './llm-d-policy.ts';

const policy = createLlmdPolicy({ precise: true });
const takes = (list: readonly Candidate[]): number => policy.choose(policyRequest(), list, seeded()).index;

describe('llm-d policy', () => {
  it('weighs the prefix by 3, free memory and a short queue by 2 each', () => {
    const choice = policy.choose(policyRequest(), candidates({ cachedTokens: 1000, kvUse: 0.5, waiting: 10 }, { waiting: 0 }), seeded());

    expect(choice.totals.map((total) => Math.round(total * 7 * 100) / 100)).toEqual([4, 4]);
  });

  it('prefers the replica that holds the prompt while the load is alike', () => {
    expect(takes(candidates({ kvUse: 0.4 }, { cachedTokens: 800, kvUse: 0.5 }))).toBe(1);
  });

  it('leaves the prefix when the other replica is emptier in both respects', () => {
    expect(takes(candidates({ cachedTokens: 500, kvUse: 0.9, waiting: 40 }, { kvUse: 0.1, waiting: 2 }))).toBe(1);
  });

  it('does not count requests that nobody reports as waiting', () => {
    expect(takes(candidates({ cachedTokens: 100, inFlight: 50 }, {}))).toBe(0);
  });

  it('reads what the engines report or the index, as its name says', () => {
    expect(policy.reads).toContain('precise-prefix');
    expect(createLlmdPolicy({ precise: false })).toMatchObject({ name: 'approximate-prefix', reads: ['prefix', 'kv-use', 'waiting'] });
  });

  it('takes other weights, as the estimated profile of the benchmark', () => {
    const even = createLlmdPolicy({ precise: false, prefix: 1, kvUse: 1, queue: 1 });
    const choice = even.choose(policyRequest(), candidates({ cachedTokens: 1000, kvUse: 0.5, waiting: 10 }, { waiting: 0 }), seeded());

    expect(choice.totals.map((total) => Math.round(total * 3 * 100) / 100)).toEqual([1.5, 2]);
  });
});
