import type { Migration } from './migration.ts';

export const idempotency: Migration = async (db) => {
  await db.schema
    .createTable('idempotent_answer')
    .addColumn('tenant', 'text', (column) => column.notNull())
    .addColumn('key_hash', 'text', (column) => column.notNull())
    .addColumn('body_hash', 'text', (column) => column.notNull())
    .addColumn('request_id', 'text', (column) => column.notNull())
    .addColumn('state', 'text', (column) => column.notNull())
    .addColumn('lease_until_ms', 'bigint', (column) => column.notNull())
    .addColumn('expires_ms', 'bigint', (column) => column.notNull())
    .addColumn('content_type', 'text', (column) => column.notNull())
    .addColumn('answer', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('idempotent_answer_key', ['tenant', 'key_hash'])
    .execute();
  await db.schema.createIndex('idempotent_answer_by_expiry').on('idempotent_answer').columns(['expires_ms']).execute();
};
