import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { migrateStore, openStore, type Store } from '#store';
import { type BudgetAccounts, createBudgetAccounts } from './budget-accounts.ts';
import { settleBatch } from './settle-batch.ts';

let store: Store;
let accounts: BudgetAccounts;
beforeEach(async () => {
  store = await openStore({ url: ':memory:' });
  await migrateStore(store);
  accounts = createBudgetAccounts(store);
});
afterEach(() => store.close());

const acquire = (changes: Partial<Parameters<BudgetAccounts['acquire']>[0]> = {}) =>
  accounts.acquire({
    budgetId: 'tenant/a/month',
    windowStartMs: 0,
    holder: 'one',
    capNanoUsd: 1000,
    usedNanoUsd: 0,
    heldNanoUsd: 0,
    neededNanoUsd: 100,
    nowMs: 10,
    expiresMs: 20,
    ...changes,
  });

const spend = (cost: number, id: string, holder: string) =>
  settleBatch(
    store,
    [
      {
        charge: {
          id,
          requestId: 'r',
          traceId: 't',
          atMs: 10,
          payer: { tenant: 'a', keyId: 'k' },
          requestedModel: 'm',
          model: 'm',
          endpoint: 'e',
          provider: 'p',
          simulated: false,
          usage: { inputTokens: 1, cacheReadTokens: 0, cacheWriteTokens: 0, outputTokens: 0, reasoningTokens: 0 },
          costNanoUsd: cost,
          priceSource: 'model',
          outcome: 'ok',
        },
        budgets: [{ budgetId: 'tenant/a/month', windowStartMs: 0 }],
      },
    ],
    holder,
  );

describe('budget account', () => {
  it('grants the need and a sixteenth of what is left', async () => {
    expect(await acquire()).toEqual({ grantedNanoUsd: 100 + Math.floor(900 / 16), spentNanoUsd: 0 });
  });

  it('grants the last of it exactly, and nothing beyond', async () => {
    expect((await acquire({ neededNanoUsd: 1000 })).grantedNanoUsd).toBe(1000);
    expect((await acquire({ holder: 'two', neededNanoUsd: 1 })).grantedNanoUsd).toBe(0);
  });

  it('does not take what is not enough: it is left for a smaller request elsewhere', async () => {
    await acquire({ neededNanoUsd: 990 });

    expect((await acquire({ holder: 'two', neededNanoUsd: 500 })).grantedNanoUsd).toBe(0);
    expect((await acquire({ holder: 'three', neededNanoUsd: 5 })).grantedNanoUsd).toBeGreaterThanOrEqual(5);
  });

  it('moves settled money out of the slice into the account', async () => {
    const { grantedNanoUsd } = await acquire();

    expect(await spend(60, 'c1', 'one')).toEqual([{ budgetId: 'tenant/a/month', windowStartMs: 0, addedNanoUsd: 60, spentNanoUsd: 60 }]);

    const rows = await store.db.selectFrom('budget_slice').select(['holder', 'granted_nano']).execute();
    expect(rows).toEqual([{ holder: 'one', granted_nano: grantedNanoUsd - 60 }]);
  });

  it('counts slices of others until they expire', async () => {
    await acquire({ neededNanoUsd: 1000 });

    expect((await acquire({ holder: 'two', nowMs: 19 })).grantedNanoUsd).toBe(0);
    expect((await acquire({ holder: 'two', nowMs: 20, expiresMs: 30 })).grantedNanoUsd).toBeGreaterThanOrEqual(100);
  });

  it('gives back on release, one slice or all of a holder', async () => {
    await acquire({ neededNanoUsd: 400 });
    await acquire({ neededNanoUsd: 400, windowStartMs: 5 });
    await accounts.release({ budgetId: 'tenant/a/month', windowStartMs: 0, holder: 'one' });
    expect((await acquire({ holder: 'two', neededNanoUsd: 1000 })).grantedNanoUsd).toBe(1000);

    await accounts.releaseAll('one');

    expect(await store.db.selectFrom('budget_slice').select('holder').execute()).toEqual([{ holder: 'two' }]);
  });

  it('keeps what is used when the cap is lowered, and takes back the rest', async () => {
    await acquire({ neededNanoUsd: 800 });

    expect((await acquire({ capNanoUsd: 300, usedNanoUsd: 500, heldNanoUsd: 812, neededNanoUsd: 1 })).grantedNanoUsd).toBe(500);
    expect((await acquire({ capNanoUsd: 300, usedNanoUsd: 100, heldNanoUsd: 500, neededNanoUsd: 250 })).grantedNanoUsd).toBe(300);
  });

  it('never has more spent and granted than the cap, whoever asks for what', async () => {
    const step = fc.record({
      holder: fc.constantFrom('a', 'b', 'c'),
      needed: fc.integer({ min: 1, max: 400 }),
      spent: fc.integer({ min: 0, max: 300 }),
      use: fc.nat(300),
    });
    let run = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
        run += 1;
        const budgetId = `tenant/run-${run}/month`;
        const held = new Map<string, { granted: number; used: number }>();
        const spent = 0;
        for (const each of steps) {
          const mine = held.get(each.holder) ?? { granted: 0, used: 0 };
          // A holder uses no more than it was granted.
          mine.used = Math.min(mine.granted, mine.used + each.use);
          const grant = await acquire({ budgetId, holder: each.holder, usedNanoUsd: mine.used, heldNanoUsd: mine.granted, neededNanoUsd: each.needed });
          mine.granted = grant.grantedNanoUsd;
          held.set(each.holder, mine);
          expect(grant.spentNanoUsd).toBe(spent);
          const all = [...held.values()].reduce((sum, one) => sum + one.granted, 0);
          expect(spent + all).toBeLessThanOrEqual(1000);
          expect(mine.granted).toBeGreaterThanOrEqual(mine.used);
          // Refused means: not even all that is free would have been enough.
          if (mine.granted - mine.used < each.needed) expect(1000 - spent - (all - mine.granted)).toBeLessThan(mine.used + each.needed);
        }
      }),
      { numRuns: 35 },
    );
  });
});
