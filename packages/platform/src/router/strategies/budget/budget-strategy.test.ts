import { describe, expect, it } from 'vitest';
import { createRandom } from '#time';
import { backends, strategyRequest } from '../__fixtures__/backends.ts';
import { budgetStrategy } from './budget-strategy.ts';

describe('budget', () => {
  it('shares by what is left', () => {
    const random = createRandom(2);
    const two = backends({ budgetLeft: 0.9 }, { budgetLeft: 0.1 });
    let first = 0;
    for (let turn = 0; turn < 4000; turn += 1) if (budgetStrategy.choose(strategyRequest(), two, random).index === 0) first += 1;

    expect(first / 4000).toBeCloseTo(0.9, 1);
  });

  it('never takes a spent one while another has money', () => {
    for (let seed = 0; seed < 100; seed += 1) {
      expect(budgetStrategy.choose(strategyRequest(), backends({ budgetLeft: 0 }, { budgetLeft: 0.01 }), createRandom(seed))).toMatchObject({
        index: 1,
        why: '1% of its budget is left',
      });
    }
  });
});
