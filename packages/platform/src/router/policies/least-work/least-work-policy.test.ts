import { describe, expect, it } from 'vitest';
import { candidates, policyRequest, seeded } from '../../__fixtures__/candidates.ts';
import { createLeastWorkPolicy } from './least-work-policy.ts';

const policy = createLeastWorkPolicy();
const choose = (...made: Parameters<typeof candidates>): number =>
  policy.choose({ ...policyRequest(), promptTokens: 100 }, candidates(...made), seeded()).index;

describe('least-work policy', () => {
  it('takes the cached prompt while its queue costs less than computing it elsewhere', () => {
    expect(choose({ queueMs: 0 }, { queueMs: 70, cachedTokens: 80 })).toBe(1);
    expect(choose({ queueMs: 0 }, { queueMs: 90, cachedTokens: 80 })).toBe(0);
  });

  it('counts no more than the whole prompt as cached', () => {
    expect(choose({ queueMs: 5, cachedTokens: 100 }, { queueMs: 10, cachedTokens: 500 })).toBe(0);
  });

  it('shares equal work by chance', () => {
    const random = seeded();
    const chosen = Array.from({ length: 40 }, () => policy.choose(policyRequest(), candidates({}, {}), random).index);
    expect(new Set(chosen)).toEqual(new Set([0, 1]));
  });
});
