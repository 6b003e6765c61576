import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { migrateStore, openStore, type Store } from '#store';
import { createFakeClock, type FakeClock } from '#time';
import { type Budget, budgetsOf } from './budget.ts';
import { type BudgetAccounts, createBudgetAccounts } from './budget-accounts.ts';
import { type BudgetSlices, createBudgetSlices } from './budget-slices.ts';
import { createTurns } from './turns.ts';

let store: Store;
let clock: FakeClock;
let questions: number;
let slices: BudgetSlices;
const [budget] = budgetsOf('key', 'key_1', [{ usd: 1000e-9, window: 'hour', mode: 'hard', warnAtPercent: 80 }]) as [Budget];
beforeEach(async () => {
  store = await openStore({ url: ':memory:' });
  await migrateStore(store);
  clock = createFakeClock(Date.parse('2026-11-21T10:00:00Z'));
  questions = 0;
  const real = createBudgetAccounts(store);
  const counted: BudgetAccounts = {
    ...real,
    acquire: (request) => {
      questions += 1;
      return real.acquire(request);
    },
  };
  slices = createBudgetSlices({ accounts: counted, clock, turns: createTurns(), holder: 'one', ttlMs: 900_000, reservationMs: 600_000 });
});
afterEach(() => store.close());

const current = () => slices.current(budget, clock.nowMs());
const leases = () => store.db.selectFrom('budget_slice').select(['window_start_ms', 'granted_nano', 'expires_ms']).execute();

describe('budget slice', () => {
  it('fits nothing before the store was asked, and what was granted after that', async () => {
    expect(slices.fits(current(), 0, clock.nowMs())).toBe(false);

    expect(await slices.acquire(budget, current(), 100)).toBe(true);

    expect(slices.fits(current(), current().grantedNanoUsd, clock.nowMs())).toBe(true);
    expect(slices.fits(current(), current().grantedNanoUsd + 1, clock.nowMs())).toBe(false);
  });

  it('says when the budget has not got that much', async () => {
    expect(await slices.acquire(budget, current(), 1001)).toBe(false);
    expect(await slices.acquire(budget, current(), 1000)).toBe(true);
  });

  it('asks once for several that wait, and tells the others to look again', async () => {
    const slice = current();
    const answers = await Promise.all([slices.acquire(budget, slice, 1001), slices.acquire(budget, slice, 5), slices.acquire(budget, slice, 7)]);

    expect(answers).toEqual([false, true, true]);
    expect(questions).toBe(1);
  });

  it('stops lending early enough that no reservation outlives the lease, and goes on when renewed', async () => {
    await slices.acquire(budget, current(), 100);
    await clock.advance(299_999);
    expect(slices.fits(current(), 100, clock.nowMs())).toBe(true);
    await clock.advance(1);
    expect(slices.fits(current(), 100, clock.nowMs())).toBe(false);

    await slices.acquire(budget, current(), 100);

    expect(slices.fits(current(), 100, clock.nowMs())).toBe(true);
    expect((await leases())[0]?.expires_ms).toBe(clock.nowMs() + 900_000);
  });

  it('begins anew in the next window and keeps the old one for what still runs there', async () => {
    await slices.acquire(budget, current(), 1000);
    const before = current();
    before.reservedNanoUsd = 1000;
    await clock.advance(3_600_000);

    const after = current();
    expect(after).not.toBe(before);
    expect(await slices.acquire(budget, after, 1000)).toBe(true);
    expect(slices.find(budget.id, before.window.startMs)).toBe(before);
    expect(current()).toBe(after);
  });

  it('asks again after the budgets have changed', async () => {
    await slices.acquire(budget, current(), 500);

    slices.invalidate();
    expect(slices.fits(current(), 1, clock.nowMs())).toBe(false);
    expect(await slices.acquire({ ...budget, capNanoUsd: 50 }, current(), 100)).toBe(false);
    expect(await slices.acquire({ ...budget, capNanoUsd: 50 }, current(), 50)).toBe(true);
  });

  it('gives back only what is idle and free', async () => {
    await slices.acquire(budget, current(), 100);
    const held = current();
    held.reservedNanoUsd = 10;
    await clock.advance(60_000);
    await slices.releaseIdle(30_000);
    expect(await leases()).toHaveLength(1);
    held.reservedNanoUsd = 0;
    held.unsettledNanoUsd = 10;
    await slices.releaseIdle(30_000);
    expect(await leases()).toHaveLength(1);

    held.unsettledNanoUsd = 0;
    await slices.releaseIdle(60_001);
    expect(await leases()).toHaveLength(1);
    await slices.releaseIdle(60_000);

    expect(await leases()).toEqual([]);
    expect(slices.find(budget.id, held.window.startMs)).toBeUndefined();
  });

  it('can ask again after the store has failed', async () => {
    await store.db.schema.alterTable('budget_slice').renameTo('hidden').execute();
    await expect(slices.acquire(budget, current(), 10)).rejects.toMatchObject({ code: 'storage_failed' });
    await store.db.schema.alterTable('hidden').renameTo('budget_slice').execute();

    expect(await slices.acquire(budget, current(), 10)).toBe(true);
  });
});
