import type { Migration } from './migration.ts';

/** Tables as they were before this step; later ones are not known here. */
type Before = {
  readonly budget_account: { budget_id: string; window_start_ms: number; spent_nano: number };
};

/** Quotas that are shared between processes: budgets, and what was counted per process until now. */
export const quotas: Migration = async (db) => {
  await db.schema
    .createTable('quota')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('recall', 'bigint', (column) => column.notNull())
    .addColumn('recalled_ms', 'bigint', (column) => column.notNull())
    .execute();
  await db.schema
    .createTable('quota_spent')
    .addColumn('quota_id', 'text', (column) => column.notNull())
    .addColumn('start_ms', 'bigint', (column) => column.notNull())
    .addColumn('spent', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('quota_spent_key', ['quota_id', 'start_ms'])
    .execute();
  await db.schema
    .createTable('quota_slice')
    .addColumn('quota_id', 'text', (column) => column.notNull())
    .addColumn('start_ms', 'bigint', (column) => column.notNull())
    .addColumn('holder', 'text', (column) => column.notNull())
    .addColumn('granted', 'bigint', (column) => column.notNull())
    .addColumn('expires_ms', 'bigint', (column) => column.notNull())
    .addColumn('seen', 'bigint', (column) => column.notNull())
    .addColumn('reported', 'bigint', (column) => column.notNull())
    .addColumn('promised', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('quota_slice_key', ['quota_id', 'start_ms', 'holder'])
    .execute();
  await db.schema.createIndex('quota_slice_holder').on('quota_slice').column('holder').execute();
  const before = db.withTables<Before>();
  for (const row of await before.selectFrom('budget_account').selectAll().execute())
    await db.insertInto('quota_spent').values({ quota_id: row.budget_id, start_ms: row.window_start_ms, spent: row.spent_nano }).execute();
  await db.schema.dropTable('budget_account').execute();
  await db.schema.dropTable('budget_slice').execute();
};
