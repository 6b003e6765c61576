import { describe, expect, it } from 'vitest';
import { candidates, policyRequest, seeded } from '../../__fixtures__/candidates.ts';
import { createLeastRequestPolicy } from './least-request-policy.ts';

describe('least-request policy', () => {
  it('takes the replica with the fewest requests', () => {
    expect(createLeastRequestPolicy().choose(policyRequest(), candidates({ inFlight: 3 }, { inFlight: 1 }, { inFlight: 2 }), seeded()).index).toBe(1);
  });

  it('can count the predicted queue instead', () => {
    expect(createLeastRequestPolicy('queue').choose(policyRequest(), candidates({ queueMs: 1 }, { queueMs: 0.5, inFlight: 9 }), seeded()).index).toBe(1);
  });

  it('shares equal replicas by chance', () => {
    const random = seeded(5);
    const taken = new Set(Array.from({ length: 60 }, () => createLeastRequestPolicy().choose(policyRequest(), candidates({}, {}, {}), random).index));

    expect(taken).toEqual(new Set([0, 1, 2]));
  });
});
