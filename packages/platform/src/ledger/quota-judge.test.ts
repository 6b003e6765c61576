import { ZERO_USAGE } from '@maru/api/records';
import { describe, expect, it } from 'vitest';
import { createRandom, createSeededIds } from '#time';
import { createMemoryQuotaStore } from './__fixtures__/quota-world/memory-quota-store.ts';
import { createMemorySpool, createReplica } from './__fixtures__/quota-world/replica.ts';
import { createVirtualTime, machineClock } from './__fixtures__/quota-world/virtual-time.ts';
import { chargeOf, countedUse, quotasOf, reach } from './__fixtures__/quota-world/world-parts.ts';
import { budgetsOf } from './budget.ts';
import type { Principal } from './principal.ts';

const START_MS = Date.parse('2026-11-21T10:20:00Z');
const principal: Principal = {
  keyId: 'key_0',
  tenant: 'default',
  name: 'k',
  admin: false,
  limits: {},
  budgets: budgetsOf('key', 'key_0', [{ usd: 1, window: '5m', mode: 'hard', warnAtPercent: 80 }]),
};

/** A replica that has charged 40,000 nano-dollars out of its share; the store knows it, the replica may not have heard of it yet. */
async function charge() {
  const time = createVirtualTime(START_MS);
  const store = createMemoryQuotaStore(time.nowMs);
  const alive = { value: true };
  const machine = { name: 'a', cutUntilMs: 0, lastCutMs: 0 };
  const replica = createReplica({
    name: 'a',
    run: 'a#1',
    backend: reach({ store, machine, alive, time, random: createRandom(1) }),
    rates: undefined,
    clock: machineClock(time, { skewMs: 0, drift: 0, isAlive: () => alive.value }),
    ids: createSeededIds(1),
    spool: createMemorySpool([]),
    tenants: [],
  });
  const [quota] = quotasOf(principal, []);
  if (quota === undefined) throw new TypeError('the key has a budget');
  const granted = (): number => store.grantedTo(quota.id, 0, () => true);
  let before = 0;
  const ask = async (): Promise<void> => {
    const estimate = { ...ZERO_USAGE, inputTokens: 100 };
    const reservation = await replica.admission.admit(principal, { requestedModel: 'auto', estimate, prices: [{ provider: 'p', model: 'm' }] });
    before = granted();
    replica.settlement.accept({ charge: chargeOf('chg_1', 40_000), budgets: reservation.budgets, accounts: [] });
    replica.admission.finish(reservation, { ...ZERO_USAGE, inputTokens: 40 });
  };
  time.at(0, () => void ask());
  await time.run(() => granted() < before);
  return { time, alive, granted, before, used: (dead: boolean) => countedUse(replica, quota, { startMs: 0, dead, nowMs: time.nowMs() }) };
}

describe('what the simulation of quotas counts as used out of a share', () => {
  it('is nothing that the store has taken already, though its process died before it heard so', async () => {
    const { alive, granted, before, used } = await charge();
    alive.value = false;

    expect(granted()).toBe(before - 40_000);
    expect(used(true)).toBe(0);
  });

  it('is the same before and after its process has heard', async () => {
    const { time, used } = await charge();
    expect(used(false)).toBe(0);

    let isLater = false;
    time.at(5000, () => (isLater = true));
    await time.run(() => isLater);

    expect(used(false)).toBe(0);
  });
});
