import { describe, expect, it } from 'vitest';
import { candidates, policyRequest, seeded } from '../../__fixtures__/candidates.ts';
import { createRandomPolicy } from './random-policy.ts';

describe('random policy', () => {
  it('takes every replica with the same chance, whatever its load', () => {
    const random = seeded(11);
    const counts = [0, 0, 0];
    for (let turn = 0; turn < 3000; turn += 1) {
      const { index } = createRandomPolicy().choose(policyRequest(), candidates({ inFlight: 500 }, {}, { kvUse: 1 }), random);
      counts[index] = (counts[index] ?? 0) + 1;
    }

    for (const count of counts) expect(Math.abs(count - 1000)).toBeLessThan(100);
  });
});
