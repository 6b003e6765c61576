import { describe, expect, it } from 'vitest';
import { candidates, policyRequest, seeded } from '../../__fixtures__/candidates.ts';
import type { Candidate } from '../../policy/policy.ts';
import { createSglangCacheAwarePolicy } from './sglang-cache-aware-policy.ts';

const takes = (list: readonly Candidate[]): number => createSglangCacheAwarePolicy().choose(policyRequest(), list, seeded()).index;

describe('sglang-cache-aware policy', () => {
  it('takes the best match above 30 % of the prompt', () => {
    expect(takes(candidates({ cachedTokens: 310 }, { cachedTokens: 500, inFlight: 60 }, {}))).toBe(1);
  });

  it('takes the smallest tree where no match is good enough', () => {
    expect(takes(candidates({ cachedTokens: 300, indexBlocks: 50 }, { indexBlocks: 10, inFlight: 60 }, { indexBlocks: 90 }))).toBe(1);
  });

  it('takes the shortest queue when the load differs by more than 64 requests and by half', () => {
    expect(takes(candidates({ cachedTokens: 900, inFlight: 70 }, { inFlight: 5 }, { inFlight: 9 }))).toBe(1);
  });

  it('stays with the match when only one of both bounds is passed', () => {
    expect(takes(candidates({ cachedTokens: 900, inFlight: 64 }, { inFlight: 0 }))).toBe(0);
    expect(takes(candidates({ cachedTokens: 900, inFlight: 265 }, { inFlight: 200 }))).toBe(0);
  });
});
