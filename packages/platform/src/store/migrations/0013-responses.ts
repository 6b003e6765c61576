import type { Migration } from './migration.ts';

export const responses: Migration = async (db) => {
  await db.schema
    .createTable('response')
    .addColumn('tenant', 'text', (column) => column.notNull())
    .addColumn('id', 'text', (column) => column.notNull())
    .addColumn('status', 'text', (column) => column.notNull())
    .addColumn('created_ms', 'bigint', (column) => column.notNull())
    .addColumn('expires_ms', 'bigint', (column) => column.notNull())
    .addColumn('previous_id', 'text')
    .addColumn('input', 'text', (column) => column.notNull())
    .addColumn('answer', 'text', (column) => column.notNull())
    .addColumn('background', 'integer', (column) => column.notNull())
    .addColumn('lease_until_ms', 'bigint', (column) => column.notNull())
    .addColumn('cancel_requested', 'integer', (column) => column.notNull())
    .addPrimaryKeyConstraint('response_key', ['tenant', 'id'])
    .execute();
  await db.schema.createIndex('response_by_expiry').on('response').columns(['expires_ms']).execute();
};
