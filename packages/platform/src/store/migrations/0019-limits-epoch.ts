import type { Migration } from './migration.ts';

/** Whether limits were ever kept outside of the database. */
export const limitsEpoch: Migration = async (db) => {
  await db.schema
    .createTable('limits_epoch')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('since_ms', 'bigint', (column) => column.notNull())
    .execute();
};
