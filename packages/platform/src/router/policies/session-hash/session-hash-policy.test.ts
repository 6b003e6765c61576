import { describe, expect, it } from 'vitest';
import { candidate, candidates, policyRequest, seeded } from '../../__fixtures__/candidates.ts';
import { createSessionHashPolicy } from './session-hash-policy.ts';

const policy = createSessionHashPolicy();
const homeOf = (session: string, names: readonly string[], seed = 1): string => {
  const list = names.map((name) => candidate(name));
  return names[policy.choose(policyRequest({ session }), list, seeded(seed)).index] ?? '';
};

describe('session-hash policy', () => {
  it('keeps a session on its replica, whatever the seed and the order', () => {
    const home = homeOf('alice', ['a', 'b', 'c']);

    for (let seed = 0; seed < 10; seed += 1) expect(homeOf('alice', ['c', 'a', 'b'], seed)).toBe(home);
  });

  it('moves only the sessions of a replica that goes', () => {
    for (let number = 0; number < 200; number += 1) {
      const home = homeOf(`session-${number}`, ['a', 'b', 'c', 'd']);
      if (home !== 'd') expect(homeOf(`session-${number}`, ['a', 'b', 'c'])).toBe(home);
    }
  });

  it('spreads sessions evenly', () => {
    const counts = new Map<string, number>();
    for (let number = 0; number < 4000; number += 1) {
      const home = homeOf(`session-${number}`, ['a', 'b', 'c', 'd']);
      counts.set(home, (counts.get(home) ?? 0) + 1);
    }

    for (const name of ['a', 'b', 'c', 'd']) expect(Math.abs((counts.get(name) ?? 0) - 1000)).toBeLessThan(150);
  });

  it('sends a request without a session to the replica with the fewest requests', () => {
    const choice = policy.choose(policyRequest(), candidates({ inFlight: 4 }, { inFlight: 1 }, { inFlight: 3 }), seeded());

    expect([choice.index, choice.why]).toEqual([1, 'no session: fewest requests']);
  });
});
