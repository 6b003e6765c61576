import type { Migration } from './migration.ts';

export const resources: Migration = async (db) => {
  await db.schema
    .createTable('resource')
    .addColumn('key', 'text', (column) => column.primaryKey())
    .addColumn('kind', 'text', (column) => column.notNull())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('body', 'text', (column) => column.notNull())
    .addColumn('yaml', 'text', (column) => column.notNull())
    .addColumn('file', 'text')
    .addColumn('file_hash', 'text')
    .addColumn('generation', 'bigint', (column) => column.notNull())
    .addColumn('updated_ms', 'bigint', (column) => column.notNull())
    .execute();
};
