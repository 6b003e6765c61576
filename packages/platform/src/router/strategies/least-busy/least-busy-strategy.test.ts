import { describe, expect, it } from 'vitest';
import { backends, strategyRequest } from '../__fixtures__/backends.ts';
import { leastBusyStrategy } from './least-busy-strategy.ts';

describe('least busy', () => {
  it('takes the backend with the fewest requests', () => {
    expect(leastBusyStrategy.choose(strategyRequest(), backends({ inFlight: 3 }, { inFlight: 1 }, { inFlight: 2 }), () => 0.5)).toMatchObject({
      index: 1,
      why: '1 requests run there',
    });
  });

  it('counts them per unit of weight', () => {
    expect(leastBusyStrategy.choose(strategyRequest(), backends({ inFlight: 6, weight: 10 }, { inFlight: 2, weight: 1 }), () => 0.5).index).toBe(0);
  });

  it('orders the others by how busy they are', () => {
    const { scores } = leastBusyStrategy.choose(strategyRequest(), backends({ inFlight: 3 }, { inFlight: 0 }, { inFlight: 1 }), () => 0);
    expect(scores).toEqual([0.25, 1, 0.5]);
  });
});
