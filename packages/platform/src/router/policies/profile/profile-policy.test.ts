import { describe, expect, it } from 'vitest';
import { candidates, policyRequest, seeded } from '../../__fixtures__/candidates.ts';
import { createProfilePolicy } from './profile-policy.ts';
import { PROFILE_SCORERS } from './profile-scorers.ts';

const profile = (scorers: Record<string, number>, picker: 'max-score' | 'random' | 'weighted-random' = 'max-score') =>
  createProfilePolicy({ name: 'default', scorers: Object.entries(scorers).map(([type, weight]) => ({ type, weight })), picker });

describe('profile policy', () => {
  it('adds the scores by their weights', () => {
    const choice = profile({ 'queue-scorer': 2, 'kv-cache-utilization-scorer': 2, 'prefix-cache-scorer': 3 }).choose(
      policyRequest(),
      candidates({ cachedTokens: 1000, kvUse: 0.5, waiting: 10 }, { waiting: 0 }),
      seeded(),
    );

    expect(choice.totals.map((total) => Math.round(total * 7 * 100) / 100)).toEqual([4, 4]);
  });

  it('reads what its scorers read and nothing else', () => {
    expect(profile({ 'queue-scorer': 1, 'precise-prefix-cache-scorer': 1 }).reads).toEqual(['waiting', 'precise-prefix']);
  });

  it('keeps every scorer between 0 and 1', () => {
    const list = candidates({ waiting: 1000, inFlight: 1000, kvUse: 1, uncachedTokens: 1e9 }, { cachedTokens: 5000 }, {});
    for (const [type, scorer] of Object.entries(PROFILE_SCORERS))
      for (const score of scorer.score(policyRequest(), list)) expect.soft([type, score >= 0 && score <= 1]).toEqual([type, true]);
  });

  it('takes the better ones more often where the picker is weighted, and any where there are no scores', () => {
    const weighted = profile({ 'kv-cache-utilization-scorer': 1 }, 'weighted-random');
    const random = seeded(3);
    const counts = [0, 0, 0];
    for (let turn = 0; turn < 3000; turn += 1) {
      const { index } = weighted.choose(policyRequest(), candidates({ kvUse: 0.25 }, { kvUse: 0.75 }, { kvUse: 1 }), random);
      counts[index] = (counts[index] ?? 0) + 1;
    }

    expect(counts[2]).toBe(0);
    expect(Math.abs((counts[0] ?? 0) - 2250)).toBeLessThan(150);
    const none = profile({ 'kv-cache-utilization-scorer': 1 }, 'weighted-random');
    const seen = new Set(Array.from({ length: 60 }, () => none.choose(policyRequest(), candidates({ kvUse: 1 }, { kvUse: 1 }), random).index));
    expect(seen).toEqual(new Set([0, 1]));
  });

  it('spreads by chance without scorers', () => {
    const random = seeded(5);
    expect(new Set(Array.from({ length: 60 }, () => profile({}).choose(policyRequest(), candidates({}, {}), random).index))).toEqual(new Set([0, 1]));
  });

  it('names a scorer that it does not know', () => {
    expect(() => profile({ 'moon-scorer': 1 })).toThrow(/no scorer is called "moon-scorer"; use one of: queue-scorer/);
  });
});
