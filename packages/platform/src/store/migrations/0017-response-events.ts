import type { Migration } from './migration.ts';

export const responseEvents: Migration = async (db) => {
  await db.schema
    .createTable('response_events')
    .addColumn('tenant', 'text', (column) => column.notNull())
    .addColumn('response_id', 'text', (column) => column.notNull())
    .addColumn('first_number', 'bigint', (column) => column.notNull())
    .addColumn('last_number', 'bigint', (column) => column.notNull())
    .addColumn('events', 'text', (column) => column.notNull())
    .addColumn('expires_ms', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('response_events_key', ['tenant', 'response_id', 'first_number'])
    .execute();
  await db.schema.createIndex('response_events_by_expiry').on('response_events').columns(['expires_ms']).execute();
};
