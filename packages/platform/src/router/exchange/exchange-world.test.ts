import { describe, expect, it } from 'vitest';
import { runWorld, type WorldOptions, type WorldResult } from './__fixtures__/exchange-world.ts';

const SEEDS = [4, 5, 6];

function meanOf(options: Omit<WorldOptions, 'seed'>): WorldResult {
  const results = SEEDS.map((seed) => runWorld({ ...options, seed, requests: 800 }));
  const mean = (of: (result: WorldResult) => number): number => results.reduce((sum, result) => sum + of(result), 0) / results.length;
  return { hitRate: mean((result) => result.hitRate), imbalance: mean((result) => result.imbalance), meanTtftMs: mean((result) => result.meanTtftMs) };
}

describe('four routers', () => {
  it('that tell each other are within 3 % of one router in hits and balance, and alone they are not', { timeout: 180_000 }, () => {
    const one = meanOf({ routers: 1 });
    const four = meanOf({ routers: 4, exchangeMs: 25 });
    const alone = meanOf({ routers: 4 });

    expect(four.hitRate).toBeGreaterThan(one.hitRate * 0.97);
    expect(four.imbalance).toBeLessThan(one.imbalance * 1.03);
    expect(alone.hitRate).toBeLessThan(one.hitRate * 0.95);
  });

  it('do the same for the same seed', () => {
    const options = { routers: 3, seed: 5, exchangeMs: 25, loss: 0.2, requests: 150 };
    expect(runWorld(options)).toEqual(runWorld(options));
  });
});
