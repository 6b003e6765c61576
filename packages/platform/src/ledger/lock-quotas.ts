import { type Db, type Dialect, prepareInsert } from '#store';

interface QuotaRow {
  readonly recall: number;
  readonly recalledMs: number;
}

// Adding nothing is a write, which takes the lock of the row on either database.
const lockRows = prepareInsert({
  table: 'quota',
  columns: ['id', 'recall', 'recalled_ms'],
  onConflict: { key: ['id'], add: ['recall'] },
  returning: ['id', 'recall', 'recalled_ms'],
});

/**
 * Locks quotas until the transaction ends, always in the same order: two processes never wait for each other in a circle, and
 * nobody sees spent amounts and shares from different moments. Must be the first statement of the transaction that touches quotas.
 */
export async function lockQuotas(tx: Db, dialect: Dialect, ids: readonly string[]): Promise<ReadonlyMap<string, QuotaRow>> {
  const sorted = [...new Set(ids)].sort();
  const rows = await lockRows(
    tx,
    dialect,
    sorted.map((id) => [id, 0, 0]),
  );
  return new Map(rows.map((row) => [row.id, { recall: row.recall, recalledMs: row.recalled_ms }]));
}
