import { type Charge, RARE_BUCKETS } from '@maru/api/records';
import { type Db, type Dialect, insertRows, type Store } from '#store';
import { addAccountSpend } from './add-account-spend.ts';
import { hourOf } from './budget-window.ts';
import type { ChargeRecord } from './charge-record.ts';
import { type ChargeRow, toChargeRow } from './charge-row.ts';
import { joinKey } from './join-key.ts';
import { lockQuotas } from './lock-quotas.ts';
import { pieces } from './pieces.ts';

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
    const fresh = await insertCharges(tx, store.dialect, records);
    await addSpend(
      tx,
      fresh.map((record) => record.charge),
    );
    await addAccountSpend(tx, fresh);
    return addToBudgets(tx, fresh, holder);
  });
}

async function insertCharges(tx: Db, dialect: Dialect, records: readonly ChargeRecord[]): Promise<readonly ChargeRecord[]> {
  const byId = new Map(records.map((record) => [record.charge.id, record]));
  const inserted = await insertRows(tx, dialect, {
    table: 'charge',
    rows: [...byId.values()].map((record) => toChargeRow(record.charge)),
    suffix: 'on conflict do nothing returning "id"',
  });
  return inserted.flatMap(({ id }) => byId.get(id as string) ?? []);
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
    const key = spendKey(charge);
    const row = rows.get(key) ?? emptySpend(charge);
    rows.set(key, row);
    addTo(row, charge);
  }
  // Always in the same order: two processes that settle at once must not wait for each other in a circle.
  const sorted = [...rows].sort(([left], [right]) => (left < right ? -1 : 1)).map(([, row]) => row);
  await addRareSpend(tx, charges);
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

/** The buckets that only some calls have: nothing is written for the others. */
async function addRareSpend(tx: Db, charges: readonly Charge[]): Promise<void> {
  const rows = new Map<string, RareRow>();
  for (const charge of charges)
    for (const bucket of RARE_BUCKETS) {
      const amount = charge.usage[bucket] ?? 0;
      if (amount === 0) continue;
      const key = `${spendKey(charge)}\n${bucket}`;
      const sum = rows.get(key);
      if (sum === undefined) rows.set(key, { ...spendNames(charge), bucket, amount });
      else sum.amount += amount;
    }
  const sorted = [...rows].sort(([left], [right]) => (left < right ? -1 : 1)).map(([, row]) => row);
  for (const piece of pieces(sorted))
    await tx
      .insertInto('spend_rare')
      .values([...piece])
      .onConflict((conflict) =>
        conflict
          .columns(['hour_ms', 'tenant', 'key_id', 'agent', 'requested_model', 'model', 'provider', 'simulated', 'bucket'])
          .doUpdateSet((eb) => ({ amount: eb('spend_rare.amount', '+', eb.ref('excluded.amount')) })),
      )
      .execute();
}

type RareRow = Omit<SpendRow, SpendSum> & { bucket: string; amount: number };

type SpendNames = Omit<SpendRow, SpendSum>;

const spendKey = (charge: Charge): string =>
  joinKey([
    hourOf(charge.atMs),
    charge.payer.tenant,
    charge.payer.keyId,
    charge.payer.agent ?? '',
    charge.requestedModel,
    charge.model,
    charge.provider,
    charge.simulated,
  ]);

const spendNames = ({ payer, ...charge }: Charge): SpendNames => ({
  hour_ms: hourOf(charge.atMs),
  tenant: payer.tenant,
  key_id: payer.keyId,
  agent: payer.agent ?? '',
  requested_model: charge.requestedModel,
  model: charge.model,
  provider: charge.provider,
  simulated: charge.simulated ? 1 : 0,
});

const emptySpend = (charge: Charge): SpendRow => ({
  ...spendNames(charge),
  requests: 0,
  errors: 0,
  unpriced: 0,
  input_tokens: 0,
  cache_read_tokens: 0,
  cache_write_tokens: 0,
  output_tokens: 0,
  reasoning_tokens: 0,
  cost_nano: 0,
});

function addTo(row: SpendRow, { usage, costNanoUsd, outcome }: Charge): void {
  row.requests += 1;
  row.errors += outcome === 'error' ? 1 : 0;
  row.unpriced += costNanoUsd === null ? 1 : 0;
  row.input_tokens += usage.inputTokens;
  row.cache_read_tokens += usage.cacheReadTokens;
  row.cache_write_tokens += usage.cacheWriteTokens;
  row.output_tokens += usage.outputTokens;
  row.reasoning_tokens += usage.reasoningTokens;
  row.cost_nano += costNanoUsd ?? 0;
}

async function addToBudgets(tx: Db, records: readonly ChargeRecord[], holder: string): Promise<readonly AccountChange[]> {
  const sums = new Map<string, { budgetId: string; windowStartMs: number; cost: number }>();
  for (const { charge, budgets } of records)
    for (const { budgetId, windowStartMs } of budgets) {
      const key = `${budgetId}@${windowStartMs}`;
      const sum = sums.get(key) ?? { budgetId, windowStartMs, cost: 0 };
      sum.cost += charge.costNanoUsd ?? 0;
      sums.set(key, sum);
    }
  const spent = [...sums.values()].filter((sum) => sum.cost > 0);
  if (spent.length === 0) return [];
  await lockQuotas(
    tx,
    spent.map((sum) => sum.budgetId),
  );
  const changes: AccountChange[] = [];
  for (const { budgetId, windowStartMs, cost } of spent) {
    const row = await tx
      .insertInto('quota_spent')
      .values({ quota_id: budgetId, start_ms: windowStartMs, spent: cost })
      .onConflict((conflict) => conflict.columns(['quota_id', 'start_ms']).doUpdateSet((eb) => ({ spent: eb('quota_spent.spent', '+', cost) })))
      .returning('spent')
      .executeTakeFirstOrThrow();
    await tx
      .updateTable('quota_slice')
      .set((eb) => ({
        granted: eb
          .case()
          .when('granted', '>', cost)
          .then(eb('granted', '-', cost))
          .else(0)
          .end(),
      }))
      .where('quota_id', '=', budgetId)
      // A window that rolls has one share, which begins at 0.
      .where('start_ms', 'in', [windowStartMs, 0])
      .where('holder', '=', holder)
      .execute();
    changes.push({ budgetId, windowStartMs, addedNanoUsd: cost, spentNanoUsd: row.spent });
  }
  return changes;
}
