import type { Db } from '#store';

interface QuotaRow {
  readonly recall: number;
  readonly recalledMs: number;
}

/**
 * Locks quotas until the transaction ends, always in the same order: two processes never wait for each other in a circle, and
 * nobody sees spent amounts and shares from different moments. Must be the first statement of the transaction.
 */
export async function lockQuotas(tx: Db, ids: readonly string[]): Promise<ReadonlyMap<string, QuotaRow>> {
  const sorted = [...new Set(ids)].sort();
  const rows = await tx
    .insertInto('quota')
    .values(sorted.map((id) => ({ id, recall: 0, recalled_ms: 0 })))
    .onConflict((conflict) => conflict.column('id').doUpdateSet((eb) => ({ recall: eb.ref('quota.recall') })))
    .returning(['id', 'recall', 'recalled_ms'])
    .execute();
  return new Map(rows.map((row) => [row.id, { recall: row.recall, recalledMs: row.recalled_ms }]));
}
