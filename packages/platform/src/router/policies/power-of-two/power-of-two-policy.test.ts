import { describe, expect, it } from 'vitest';
import { candidates, policyRequest, seeded } from '../../__fixtures__/candidates.ts';
import { createPowerOfTwoPolicy } from './power-of-two-policy.ts';

describe('power-of-two policy', () => {
  const policy = createPowerOfTwoPolicy();

  it('takes the less busy of two', () => {
    const list = candidates({ inFlight: 5 }, { inFlight: 2 });
    for (let seed = 0; seed < 20; seed += 1) expect(policy.choose(policyRequest(), list, seeded(seed)).index).toBe(1);
  });

  it('never takes the busiest of three, and does not always take the least busy', () => {
    const random = seeded(1);
    const counts = [0, 0, 0];
    for (let turn = 0; turn < 900; turn += 1) {
      const { index } = policy.choose(policyRequest(), candidates({ inFlight: 9 }, { inFlight: 5 }, { inFlight: 1 }), random);
      counts[index] = (counts[index] ?? 0) + 1;
    }

    expect(counts[0]).toBe(0);
    expect(counts[1]).toBeGreaterThan(200);
    expect(counts[2]).toBeGreaterThan(500);
  });
});
