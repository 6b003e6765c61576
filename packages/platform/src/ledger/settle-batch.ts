import { type Db, type Dialect, prepareInsert, type Store } from '#store';
import { addAccountSpend } from './add-account-spend.ts';
import { addRareSpend } from './add-rare-spend.ts';
import { addSpend } from './add-spend.ts';
import { type AccountChange, addToBudgets } from './add-to-budgets.ts';
import type { ChargeRecord } from './charge-record.ts';
import { CHARGE_COLUMNS, toChargeValues } from './charge-row.ts';

/**
 * Writes charges, their sums and what the budgets have spent, in one transaction. A charge that is there already changes
 * nothing, so that a batch may come again after a crash. Returns how the budgets changed.
 */
export function settleBatch(store: Store, records: readonly ChargeRecord[], holder: string): Promise<readonly AccountChange[]> {
  const { dialect } = store;
  return store.db.transaction().execute(async (tx) => {
    const fresh = await insertFresh(tx, dialect, records);
    if (fresh.length === 0) return [];
    await addRareSpend(tx, dialect, fresh);
    await addSpend(tx, dialect, fresh);
    await addAccountSpend(tx, dialect, fresh);
    return addToBudgets(tx, { dialect, records: fresh, holder });
  });
}

const insertCharges = prepareInsert({ table: 'charge', columns: CHARGE_COLUMNS, onConflict: 'keep', returning: ['id'] });

/** Returns the records whose charges were not there yet. */
async function insertFresh(tx: Db, dialect: Dialect, records: readonly ChargeRecord[]): Promise<readonly ChargeRecord[]> {
  const byId = new Map<string, ChargeRecord>();
  for (const record of records) byId.set(record.charge.id, record);
  const rows = Array.from(byId.values(), (record) => toChargeValues(record.charge));
  const inserted = await insertCharges(tx, dialect, rows);
  return inserted.length === records.length ? records : inserted.flatMap(({ id }) => byId.get(id) ?? []);
}
