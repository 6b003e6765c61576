import { describe, expect, it } from 'vitest';
import { candidates, policyRequest, seeded } from '../../__fixtures__/candidates.ts';
import type { Candidate } from '../../policy/policy.ts';
import { createAibrixPrefixPolicy } from './aibrix-prefix-policy.ts';

const takes = (list: readonly Candidate[]): string => list[createAibrixPrefixPolicy().choose(policyRequest(), list, seeded()).index]?.endpoint ?? '';

describe('aibrix-prefix policy', () => {
  it('takes the longest match, ties by fewest requests', () => {
    expect(takes(candidates({ cachedTokens: 100, inFlight: 1 }, { cachedTokens: 400, inFlight: 1 }, {}))).toBe('b');
    expect(takes(candidates({ cachedTokens: 400, inFlight: 2 }, { cachedTokens: 400, inFlight: 1 }, { inFlight: 3 }, { inFlight: 3 }))).toBe('b');
  });

  it('looks only at the load when it is out of balance by more than 8', () => {
    expect(takes(candidates({ cachedTokens: 900, inFlight: 9 }, {}))).toBe('b');
    expect(takes(candidates({ cachedTokens: 900, inFlight: 8 }, { inFlight: 8 }, { inFlight: 0 }))).toBe('a');
  });

  it('passes over a match that is more than one standard deviation above the mean', () => {
    // Mean 2, deviation 3.46: 8 is above 5.46.
    expect(takes(candidates({ cachedTokens: 900, inFlight: 8 }, { inFlight: 0 }, { inFlight: 0 }, { inFlight: 0 }))).not.toBe('a');
    expect(takes(candidates({ cachedTokens: 900, inFlight: 8 }, { cachedTokens: 10, inFlight: 1 }, { inFlight: 0 }, { inFlight: 0 }))).toBe('b');
  });

  it('takes the fewest requests when nothing matches', () => {
    expect(takes(candidates({ inFlight: 3 }, { inFlight: 1 }, { inFlight: 2 }))).toBe('b');
  });
});
