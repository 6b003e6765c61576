import { type Db, type Dialect, prepareInsert, prepareRows } from '#store';
import type { ChargeRecord } from './charge-record.ts';
import { lockQuotas } from './lock-quotas.ts';

/** What a budget has spent after a batch. */
export interface AccountChange {
  readonly budgetId: string;
  readonly windowStartMs: number;
  readonly addedNanoUsd: number;
  readonly spentNanoUsd: number;
}

const addSpent = prepareInsert({
  table: 'quota_spent',
  columns: ['quota_id', 'start_ms', 'spent'],
  onConflict: { key: ['quota_id', 'start_ms'], add: ['spent'] },
  returning: ['quota_id', 'start_ms', 'spent'],
});

/** What was spent is no longer held, as far as the holder has so much. */
const takeFromShares = prepareRows<readonly [id: string, startMs: number, holder: string, cost: number], never>({
  places: ['text', 'bigint', 'text', 'bigint'],
  text: (values) => `with "cut" ("quota_id", "start_ms", "holder", "cost") as (values ${values})
    update "quota_slice" set "granted" = case when "granted" > "cut"."cost" then "granted" - "cut"."cost" else 0 end from "cut"
    where "quota_slice"."quota_id" = "cut"."quota_id" and "quota_slice"."start_ms" = "cut"."start_ms" and "quota_slice"."holder" = "cut"."holder"`,
});

interface Sum {
  readonly budgetId: string;
  readonly windowStartMs: number;
  cost: number;
}

/** Adds what charges have cost to their budgets, and takes it from the shares of the process that held it. */
export async function addToBudgets(
  tx: Db,
  { dialect, records, holder }: { dialect: Dialect; records: readonly ChargeRecord[]; holder: string },
): Promise<readonly AccountChange[]> {
  const spent = sumByWindow(records);
  if (spent.size === 0) return [];
  const sums = [...spent.values()];
  await lockQuotas(tx, dialect, [...new Set(sums.map((sum) => sum.budgetId))]);
  const rows = await addSpent(
    tx,
    dialect,
    sums.map((sum) => [sum.budgetId, sum.windowStartMs, sum.cost]),
  );
  await takeFromShares(
    tx,
    dialect,
    sharesOf(sums).map((share) => [share.budgetId, share.windowStartMs, holder, share.cost]),
  );
  return rows.map((row) => ({
    budgetId: row.quota_id,
    windowStartMs: row.start_ms,
    addedNanoUsd: spent.get(keyOf(row.quota_id, row.start_ms))?.cost ?? 0,
    spentNanoUsd: row.spent,
  }));
}

const keyOf = (budgetId: string, windowStartMs: number): string => `${windowStartMs}@${budgetId}`;

/** What each window of each budget has to bear; those that bear nothing are left out. */
function sumByWindow(records: readonly ChargeRecord[]): ReadonlyMap<string, Sum> {
  const sums = new Map<string, Sum>();
  for (const { charge, budgets } of records) {
    const cost = charge.costNanoUsd ?? 0;
    if (cost === 0) continue;
    for (const { budgetId, windowStartMs } of budgets) addTo(sums, { budgetId, windowStartMs, cost });
  }
  return sums;
}

/** The shares that bear the sums. A window that rolls has one share, which begins at 0, for all its steps. */
function sharesOf(sums: readonly Sum[]): readonly Sum[] {
  const shares = new Map<string, Sum>();
  for (const { budgetId, windowStartMs, cost } of sums) {
    addTo(shares, { budgetId, windowStartMs, cost });
    if (windowStartMs !== 0) addTo(shares, { budgetId, windowStartMs: 0, cost });
  }
  return [...shares.values()];
}

function addTo(sums: Map<string, Sum>, sum: Sum): void {
  const key = keyOf(sum.budgetId, sum.windowStartMs);
  const known = sums.get(key);
  if (known === undefined) sums.set(key, sum);
  else known.cost += sum.cost;
}
