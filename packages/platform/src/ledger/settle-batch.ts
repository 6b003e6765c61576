import type { Charge } from '@maru/api/records';
import type { Db, Store } from '#store';
import { hourOf } from './budget-window.ts';
import type { ChargeRecord } from './charge-record.ts';
import { type ChargeRow, toChargeRow } from './charge-row.ts';

/** What a budget has spent after a batch. */
export interface AccountChange {
  readonly budgetId: string;
  readonly windowStartMs: number;
  readonly addedNanoUsd: number;
  readonly spentNanoUsd: number;
}

/**
 * Writes charges, their sums and what the budgets have spent, in one transaction. A charge that is there already changes
 * nothing, so that a batch may come again after a crash. Returns how the budgets changed.
 */
export function settleBatch(store: Store, records: readonly ChargeRecord[], holder: string): Promise<readonly AccountChange[]> {
  return store.db.transaction().execute(async (tx) => {
    const fresh = await insertCharges(tx, records);
    await addSpend(
      tx,
      fresh.map((record) => record.charge),
    );
    return addToAccounts(tx, fresh, holder);
  });
}

async function insertCharges(tx: Db, records: readonly ChargeRecord[]): Promise<readonly ChargeRecord[]> {
  const byId = new Map(records.map((record) => [record.charge.id, record]));
  const fresh: ChargeRecord[] = [];
  for (const rows of pieces([...byId.values()].map((record) => toChargeRow(record.charge)))) {
    const inserted = await tx
      .insertInto('charge')
      .values([...rows])
      .onConflict((conflict) => conflict.column('id').doNothing())
      .returning('id')
      .execute();
    for (const { id } of inserted) {
      const record = byId.get(id);
      if (record !== undefined) fresh.push(record);
    }
  }
  return fresh;
}

// A few sizes instead of every size: each size is another statement to compile and to keep.
function* pieces<T>(rows: readonly T[]): Generator<readonly T[]> {
  let from = 0;
  for (const size of [64, 16, 4, 1]) for (; rows.length - from >= size; from += size) yield rows.slice(from, from + size);
}

type SpendRow = Pick<ChargeRow, 'tenant' | 'key_id' | 'requested_model' | 'model' | 'provider' | 'simulated'> & { hour_ms: number; agent: string } & Record<
    SpendSum,
    number
  >;
type SpendSum =
  | 'requests'
  | 'errors'
  | 'unpriced'
  | 'input_tokens'
  | 'cache_read_tokens'
  | 'cache_write_tokens'
  | 'output_tokens'
  | 'reasoning_tokens'
  | 'cost_nano';
const SUMS: readonly SpendSum[] = [
  'requests',
  'errors',
  'unpriced',
  'input_tokens',
  'cache_read_tokens',
  'cache_write_tokens',
  'output_tokens',
  'reasoning_tokens',
  'cost_nano',
];

async function addSpend(tx: Db, charges: readonly Charge[]): Promise<void> {
  const rows = new Map<string, SpendRow>();
  for (const charge of charges) {
    const row = toSpendRow(charge);
    const key = JSON.stringify([row.hour_ms, row.tenant, row.key_id, row.agent, row.requested_model, row.model, row.provider, row.simulated]);
    const sum = rows.get(key);
    if (sum === undefined) rows.set(key, row);
    else for (const name of SUMS) sum[name] += row[name];
  }
  // Always in the same order: two processes that settle at once must not wait for each other in a circle.
  const sorted = [...rows].sort(([left], [right]) => (left < right ? -1 : 1)).map(([, row]) => row);
  for (const piece of pieces(sorted)) {
    await tx
      .insertInto('spend_hour')
      .values([...piece])
      .onConflict((conflict) =>
        conflict
          .columns(['hour_ms', 'tenant', 'key_id', 'agent', 'requested_model', 'model', 'provider', 'simulated'])
          .doUpdateSet((eb) => Object.fromEntries(SUMS.map((name) => [name, eb(`spend_hour.${name}`, '+', eb.ref(`excluded.${name}`))]))),
      )
      .execute();
  }
}

function toSpendRow(charge: Charge): SpendRow {
  const row = toChargeRow(charge);
  return {
    hour_ms: hourOf(charge.atMs),
    tenant: row.tenant,
    key_id: row.key_id,
    agent: row.agent ?? '',
    requested_model: row.requested_model,
    model: row.model,
    provider: row.provider,
    simulated: row.simulated,
    requests: 1,
    errors: charge.outcome === 'error' ? 1 : 0,
    unpriced: charge.costNanoUsd === null ? 1 : 0,
    input_tokens: row.input_tokens,
    cache_read_tokens: row.cache_read_tokens,
    cache_write_tokens: row.cache_write_tokens,
    output_tokens: row.output_tokens,
    reasoning_tokens: row.reasoning_tokens,
    cost_nano: charge.costNanoUsd ?? 0,
  };
}

async function addToAccounts(tx: Db, records: readonly ChargeRecord[], holder: string): Promise<readonly AccountChange[]> {
  const sums = new Map<string, { budgetId: string; windowStartMs: number; cost: number }>();
  for (const { charge, budgets } of records)
    for (const { budgetId, windowStartMs } of budgets) {
      const key = `${budgetId}@${windowStartMs}`;
      const sum = sums.get(key) ?? { budgetId, windowStartMs, cost: 0 };
      sum.cost += charge.costNanoUsd ?? 0;
      sums.set(key, sum);
    }
  const changes: AccountChange[] = [];
  for (const [, { budgetId, windowStartMs, cost }] of [...sums].sort(([left], [right]) => (left < right ? -1 : 1))) {
    if (cost === 0) continue;
    const { spent_nano } = await tx
      .insertInto('budget_account')
      .values({ budget_id: budgetId, window_start_ms: windowStartMs, spent_nano: cost })
      .onConflict((conflict) =>
        conflict.columns(['budget_id', 'window_start_ms']).doUpdateSet((eb) => ({ spent_nano: eb('budget_account.spent_nano', '+', cost) })),
      )
      .returning('spent_nano')
      .executeTakeFirstOrThrow();
    await tx
      .updateTable('budget_slice')
      .set((eb) => ({
        granted_nano: eb
          .case()
          .when('granted_nano', '>', cost)
          .then(eb('granted_nano', '-', cost))
          .else(0)
          .end(),
      }))
      .where('budget_id', '=', budgetId)
      .where('window_start_ms', '=', windowStartMs)
      .where('holder', '=', holder)
      .execute();
    changes.push({ budgetId, windowStartMs, addedNanoUsd: cost, spentNanoUsd: spent_nano });
  }
  return changes;
}
