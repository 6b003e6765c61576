import { sql } from 'kysely';
import type { Migration } from './migration.ts';

export const cache: Migration = async (db, dialect) => {
  await db.schema
    .createTable('cache_entry')
    .addColumn('key', 'text', (column) => column.primaryKey())
    .addColumn('tenant', 'text', (column) => column.notNull())
    .addColumn('stored_ms', 'bigint', (column) => column.notNull())
    .addColumn('expires_ms', 'bigint', (column) => column.notNull())
    .addColumn('size_bytes', 'bigint', (column) => column.notNull())
    .addColumn('answer', dialect === 'postgres' ? 'bytea' : sql`blob`, (column) => column.notNull())
    .execute();
  await db.schema.createIndex('cache_entry_by_expiry').on('cache_entry').column('expires_ms').execute();
  await db.schema.createIndex('cache_entry_by_age').on('cache_entry').column('stored_ms').execute();
};
