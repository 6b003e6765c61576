import { describe, expect, it } from 'vitest';
import { candidates, policyRequest, seeded } from '../../__fixtures__/candidates.ts';
import { createGreedyPrefixPolicy } from './greedy-prefix-policy.ts';

const policy = createGreedyPrefixPolicy();

describe('greedy-prefix policy', () => {
  it('takes the longest match, whatever the load', () => {
    expect(policy.choose(policyRequest(), candidates({ cachedTokens: 10 }, { cachedTokens: 20, queueMs: 1e6 }), seeded()).index).toBe(1);
  });

  it('breaks ties by the shortest queue, then by order', () => {
    expect(policy.choose(policyRequest(), candidates({ queueMs: 3 }, { queueMs: 1 }, { queueMs: 1 }), seeded()).index).toBe(1);
  });
});
