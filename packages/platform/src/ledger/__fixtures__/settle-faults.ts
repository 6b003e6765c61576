import { PlatformError } from '@maru/api/errors';
import type { Charge } from '@maru/api/records';
import type { KyselyPlugin } from 'kysely';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Store } from '#store';
import type { ChargeRecord } from '../charge-record.ts';
import { settleBatch } from '../settle-batch.ts';
import { sumAccountSpend } from '../sum-account-spend.ts';
import { sumDiscounts } from '../sum-discounts.ts';
import { sumSpend } from '../sum-spend.ts';

const AT_MS = Date.parse('2026-11-21T10:30:00Z');
const COUNT = 6;

/** A store in which the process dies after statement number `at`. */
function breaking(store: Store, at: number): { readonly store: Store; readonly statements: () => number } {
  let count = 0;
  const plugin: KyselyPlugin = {
    transformQuery: ({ node }) => node,
    transformResult({ result }) {
      count += 1;
      return count === at ? Promise.reject(new PlatformError('storage_failed', { message: 'the process died here' })) : Promise.resolve(result);
    },
  };
  return { store: { ...store, dialect: store.dialect, db: store.db.withPlugin(plugin), close: () => store.close() }, statements: () => count };
}

function recordOf(index: number): ChargeRecord {
  const batch: Partial<Charge> = index % 2 === 0 ? { discount: { for: 'batch', nanoUsd: 5 } } : {};
  return {
    charge: {
      id: `chg-${index}`,
      requestId: `req-${index}`,
      traceId: 'a'.repeat(32),
      atMs: AT_MS + index,
      payer: { tenant: `team-${index % 2}`, keyId: `key-${index % 3}` },
      requestedModel: 'auto',
      model: index % 2 === 0 ? 'm' : 'n',
      endpoint: 'e',
      provider: 'p',
      simulated: false,
      usage: { inputTokens: 10, cacheReadTokens: 1, cacheWriteTokens: 0, outputTokens: 2, reasoningTokens: 0, ...(index % 3 === 0 ? { images: 1 } : {}) },
      costNanoUsd: 100 + index,
      priceSource: 'test',
      outcome: 'ok',
      ...batch,
    },
    budgets: [
      { budgetId: `tenant/team-${index % 2}/day`, windowStartMs: 0 },
      { budgetId: 'tenant/acme/month', windowStartMs: 0 },
    ],
    accounts: [`team-${index % 2}`, 'acme'],
  };
}

/** What a database holds of charges, as people are shown it. */
async function shown(store: Store): Promise<unknown> {
  const spent = await store.db.selectFrom('quota_spent').selectAll().orderBy('quota_id').execute();
  const slices = await store.db.selectFrom('quota_slice').select(['quota_id', 'granted']).orderBy('quota_id').execute();
  const rare = await store.db.selectFrom('spend_rare').select(['bucket', 'amount', 'tenant', 'key_id']).orderBy('tenant').orderBy('key_id').execute();
  return {
    total: await sumSpend(store, { by: 'total' }),
    models: await sumSpend(store, { by: 'model' }),
    accounts: await sumAccountSpend(store, { ids: ['acme', 'team-0', 'team-1'] }),
    discounts: await sumDiscounts(store, {}),
    spent: spent.map((row) => [row.quota_id, row.start_ms, row.spent]),
    slices: slices.map((row) => [row.quota_id, row.granted]),
    rare: rare.map((row) => [row.tenant, row.key_id, row.bucket, row.amount]),
  };
}

/** A process that dies while it settles, at every statement of the way. */
export function describeSettleFaults(name: string, open: () => Promise<{ readonly store: Store; close(): Promise<void> }>): void {
  describe(`a batch of charges on ${name}`, () => {
    const opened: { readonly store: Store; close(): Promise<void> }[] = [];
    let store: Store;
    let whole: Store;
    const next = async (): Promise<Store> => {
      const database = await open();
      opened.push(database);
      await database.store.db
        .insertInto('quota_slice')
        .values({ quota_id: 'tenant/acme/month', start_ms: 0, holder: 'h', granted: 1000, expires_ms: 9e12, seen: 0, reported: 0, promised: 0 })
        .execute();
      return database.store;
    };
    beforeEach(async () => {
      store = await next();
      whole = await next();
    });
    afterEach(async () => {
      for (const each of opened.splice(0)) await each.close();
    });
    const records = Array.from({ length: COUNT }, (_, index) => recordOf(index));

    it('stands in the database as a whole or not at all, wherever its process dies, and once when it comes again', async () => {
      const before = await shown(store);
      await settleBatch(whole, records, 'h');
      const after = await shown(whole);
      let died = 0;
      for (let at = 1; ; at += 1) {
        const broken = breaking(store, at);
        const thrown = await settleBatch(broken.store, records, 'h').then(
          () => undefined,
          (error: unknown) => error,
        );
        if (thrown === undefined) break;
        died += 1;
        expect(thrown).toMatchObject({ message: 'the process died here' });
        expect(await shown(store)).toEqual(before);
      }

      // Charges, sums by hour, sums of rare buckets, sums of accounts, the lock, what is spent, the shares.
      expect(died).toBeGreaterThanOrEqual(6);
      expect(await shown(store)).toEqual(after);
      expect(await settleBatch(store, records, 'h')).toEqual([]);
      expect(await shown(store)).toEqual(after);
    });

    it('that was settled in part before is completed, each charge once', async () => {
      await settleBatch(whole, records, 'h');
      await settleBatch(store, records.slice(0, 2), 'h');
      for (let at = 1; at <= 4; at += 1) await settleBatch(breaking(store, at).store, records.slice(1, 4), 'h').catch(() => undefined);

      await settleBatch(store, records, 'h');

      expect(await shown(store)).toEqual(await shown(whole));
    });
  });
}
