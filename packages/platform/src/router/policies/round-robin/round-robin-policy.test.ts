import { describe, expect, it } from 'vitest';
import { candidates, policyRequest, seeded } from '../../__fixtures__/candidates.ts';
import { createRoundRobinPolicy } from './round-robin-policy.ts';

describe('round-robin policy', () => {
  it('takes one replica after the other, also when their number changes', () => {
    const policy = createRoundRobinPolicy();
    const take = (count: number): number => policy.choose(policyRequest(), candidates(...new Array<object>(count).fill({})), seeded()).index;

    expect([take(3), take(3), take(3), take(3), take(2), take(2), take(1), take(3)]).toEqual([0, 1, 2, 0, 1, 0, 0, 1]);
  });
});
