import { describe, expect, it } from 'vitest';
import { createMemoryQuotaStore } from './__fixtures__/quota-world/memory-quota-store.ts';
import { simulateWorld } from './__fixtures__/quota-world/world.ts';

describe('quotas over three replicas', () => {
  it.each([1, 2])('are never exceeded and refuse nobody falsely through crashes, cuts and wrong clocks (seed %i)', async (seed) => {
    const result = await simulateWorld(seed, 1500);

    expect(result.notes).toEqual([]);
    expect([result.overshoots, result.falseRefusals]).toEqual([0, 0]);
    expect(result.admitted).toBeGreaterThan(300);
    expect(result.refusedRates).toBeGreaterThan(100);
  });

  it.each([1, 2])('are as exact when rates are kept in another store, whose clock is another one (seed %i)', async (seed) => {
    const result = await simulateWorld(seed, 1500, { openRates: createMemoryQuotaStore });

    expect(result.notes).toEqual([]);
    expect([result.overshoots, result.falseRefusals]).toEqual([0, 0]);
    expect(result.admitted).toBeGreaterThan(300);
    expect(result.refusedRates).toBeGreaterThan(100);
  });
});
