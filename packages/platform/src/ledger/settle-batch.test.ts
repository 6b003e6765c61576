import type { Charge } from '@maru/api/records';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { migrateStore, openStore, type Store } from '#store';
import { usageOf } from './__fixtures__/open-ledger.ts';
import type { ChargeRecord } from './charge-record.ts';
import { listCharges } from './list-charges.ts';
import { settleBatch } from './settle-batch.ts';
import { sumAccountSpend } from './sum-account-spend.ts';
import { sumSpend } from './sum-spend.ts';

let store: Store;
beforeEach(async () => {
  store = await openStore({ url: ':memory:' });
  await migrateStore(store);
});
afterEach(() => store.close());

const text = fc.string({ minLength: 1, maxLength: 12 });
const maybe = (key: string) => fc.option(text, { nil: undefined }).map((value) => (value === undefined ? {} : { [key]: value }));
const charges: fc.Arbitrary<Charge> = fc
  .record({
    id: fc.uuid(),
    requestId: text,
    traceId: text,
    atMs: fc.integer({ min: 1_790_000_000_000, max: 1_790_020_000_000 }),
    tenant: fc.constantFrom('a', 'b'),
    extra: fc.tuple(maybe('user'), maybe('session'), maybe('agent')),
    model: fc.constantFrom('m', 'n', '한국어', "quo'te"),
    simulated: fc.boolean(),
    tokens: fc.nat(1_000_000),
    costNanoUsd: fc.option(fc.nat(1_000_000_000), { nil: null }),
    outcome: fc.constantFrom('ok' as const, 'error' as const, 'cancelled' as const),
  })
  .map(({ tenant, extra, tokens, ...rest }) => ({
    ...rest,
    payer: { tenant, keyId: `key-${tenant}`, ...extra[0], ...extra[1], ...extra[2] },
    requestedModel: 'auto',
    endpoint: 'e',
    provider: 'p',
    usage: usageOf({ inputTokens: tokens, cacheReadTokens: 1, outputTokens: 2, reasoningTokens: 3 }),
    priceSource: rest.costNanoUsd === null ? null : 'model',
  }));
const recordOf = (charge: Charge): ChargeRecord => ({
  charge,
  budgets: [{ budgetId: `tenant/${charge.payer.tenant}/day`, windowStartMs: 0 }],
  accounts: [charge.payer.tenant],
});

describe('batch of charges', () => {
  it('is the same charges in the database, whatever they carry', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(charges, { minLength: 1, maxLength: 200, selector: (charge) => charge.id }), async (all) => {
        const each = await openStore({ url: ':memory:' });
        await migrateStore(each);
        await settleBatch(each, all.map(recordOf), 'h');

        const page = await listCharges(each, { limit: 1000 });

        expect(new Map(page.charges.map((charge) => [charge.id, charge]))).toEqual(new Map(all.map((charge) => [charge.id, charge])));
        await each.close();
      }),
      { numRuns: 20 },
    );
  });

  it('has equal sums everywhere, however it is cut into batches and how often each batch comes', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(charges, { maxLength: 100, selector: (charge) => charge.id }),
        fc.array(fc.record({ from: fc.nat(99), count: fc.integer({ min: 1, max: 100 }) }), { maxLength: 4 }),
        async (all, repeats) => {
          const each = await openStore({ url: ':memory:' });
          await migrateStore(each);
          const records = all.map(recordOf);
          for (const { from, count } of repeats) await settleBatch(each, records.slice(from, from + count), 'h');
          await settleBatch(each, records, 'h');

          const cost = (tenant?: string): number =>
            all.filter((charge) => tenant === undefined || charge.payer.tenant === tenant).reduce((sum, charge) => sum + (charge.costNanoUsd ?? 0), 0);
          const rows = await sumSpend(each, { by: 'total' });
          expect(rows).toEqual(
            all.length === 0
              ? []
              : [
                  {
                    group: '',
                    requests: all.length,
                    errors: all.filter((charge) => charge.outcome === 'error').length,
                    unpriced: all.filter((charge) => charge.costNanoUsd === null).length,
                    usage: usageOf({
                      inputTokens: all.reduce((sum, charge) => sum + charge.usage.inputTokens, 0),
                      cacheReadTokens: all.length,
                      outputTokens: 2 * all.length,
                      reasoningTokens: 3 * all.length,
                    }),
                    costNanoUsd: cost(),
                  },
                ],
          );
          const accounts = await each.db.selectFrom('quota_spent').select(['quota_id', 'spent']).execute();
          for (const row of accounts) expect(row.spent).toBe(cost(row.quota_id.split('/')[1]));
          expect(accounts.reduce((sum, row) => sum + row.spent, 0)).toBe(cost());
          const ofAccounts = await sumAccountSpend(each, {});
          for (const row of ofAccounts) expect(row.costNanoUsd).toBe(cost(row.id));
          expect(ofAccounts.reduce((sum, row) => sum + row.requests, 0)).toBe(all.length);
          const pages = await listCharges(each, { limit: 1000 });
          expect(new Set(pages.charges.map((charge) => charge.id)).size).toBe(all.length);
          await each.close();
        },
      ),
      { numRuns: 25 },
    );
  });

  it('counts a charge once that stands twice in one batch', async () => {
    const [charge] = fc.sample(charges, { numRuns: 1, seed: 1 });
    if (charge === undefined) throw new Error('no sample');
    const priced = recordOf({ ...charge, costNanoUsd: 7, priceSource: 'model' });

    const changes = await settleBatch(store, [priced, priced, priced], 'h');

    expect(changes.map((change) => change.addedNanoUsd)).toEqual([7]);
    expect((await sumSpend(store, { by: 'total' }))[0]).toMatchObject({ requests: 1, costNanoUsd: 7 });
  });

  it('takes more charges at once than a statement has places for', async () => {
    const [charge] = fc.sample(charges, { numRuns: 1, seed: 2 });
    if (charge === undefined) throw new Error('no sample');
    const many = Array.from({ length: 2500 }, (_, index) => recordOf({ ...charge, id: `chg-${index}`, costNanoUsd: 1 }));

    await settleBatch(store, many, 'h');

    expect((await sumSpend(store, { by: 'total' }))[0]).toMatchObject({ requests: 2500, costNanoUsd: 2500 });
  });

  it('changes nothing for an empty batch', async () => {
    expect(await settleBatch(store, [], 'h')).toEqual([]);
    expect(await sumSpend(store, { by: 'model' })).toEqual([]);
  });
});
