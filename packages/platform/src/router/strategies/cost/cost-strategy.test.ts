import { describe, expect, it } from 'vitest';
import { backends, strategyRequest } from '../__fixtures__/backends.ts';
import { costStrategy } from './cost-strategy.ts';

const slo = strategyRequest({ sloTtftMs: 500 });

describe('cost', () => {
  it('takes the cheapest that keeps the objective', () => {
    const three = backends({ costNanoUsd: 9000, firstTokenMs: 100 }, { costNanoUsd: 1000, firstTokenMs: 2000 }, { costNanoUsd: 3000, firstTokenMs: 400 });

    expect(costStrategy.choose(slo, three, () => 0.5)).toMatchObject({ index: 2, why: 'about $0.000003' });
    expect(costStrategy.choose(strategyRequest(), three, () => 0.5).index).toBe(1);
  });

  it('takes the quickest when none keeps it', () => {
    const slow = backends({ costNanoUsd: 1, firstTokenMs: 9000 }, { costNanoUsd: 5000, firstTokenMs: 700 });

    expect(costStrategy.choose(slo, slow, () => 0.5)).toMatchObject({ index: 1, why: 'none keeps the objective; the quickest' });
  });

  it('takes an unknown time as quick enough and an unknown price as the dearest', () => {
    expect(costStrategy.choose(slo, backends({ costNanoUsd: 10 }, { costNanoUsd: 20, firstTokenMs: 1 }), () => 0.5).index).toBe(0);
    expect(costStrategy.choose(slo, backends({ firstTokenMs: 1 }, { costNanoUsd: 20, firstTokenMs: 1 }), () => 0.5).index).toBe(1);
    expect(costStrategy.choose(slo, backends({ firstTokenMs: 1 }), () => 0.5).why).toBe('no price is known');
  });
});
