import { describe, expect, it } from 'vitest';
import { runWorld } from './__fixtures__/exchange-world.ts';

const SEEDS = [1, 2, 3, 4, 5, 6, 7, 8];
const requests = 800;
const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

describe('four routers', () => {
  it('that tell each other find within 3 % of what one router finds with every seed, and balance as well as it; alone they do not', {
    timeout: 180_000,
  }, () => {
    const one = SEEDS.map((seed) => runWorld({ routers: 1, seed, requests }));
    const four = SEEDS.map((seed) => runWorld({ routers: 4, exchangeMs: 25, seed, requests }));
    const alone = SEEDS.slice(0, 2).map((seed) => runWorld({ routers: 4, seed, requests }));

    for (const [index, { hitRate }] of four.entries()) expect(hitRate).toBeGreaterThan((one[index]?.hitRate ?? 1) * 0.97);
    // The busiest of eight endpoints over one hundred requests each is a matter of chance too: it is the mean that tells.
    expect(mean(four.map(({ imbalance }) => imbalance))).toBeLessThan(mean(one.map(({ imbalance }) => imbalance)) * 1.03);
    for (const [index, { hitRate }] of alone.entries()) expect(hitRate).toBeLessThan((one[index]?.hitRate ?? 0) * 0.95);
  });

  it('do the same for the same seed', () => {
    const options = { routers: 3, seed: 5, exchangeMs: 25, loss: 0.2, requests: 150 };
    expect(runWorld(options)).toEqual(runWorld(options));
  });
});
