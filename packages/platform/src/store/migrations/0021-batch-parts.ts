import type { Migration } from './migration.ts';

/** Lines of a batch may go to the batch API of a provider, in parts. */
export const batchParts: Migration = async (db) => {
  await db.schema.alterTable('batch_line').addColumn('part_id', 'text').execute();
  await db.schema.alterTable('batch_line').addColumn('request', 'text').execute();
  await db.schema
    .createTable('batch_part')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('batch_id', 'text', (column) => column.notNull())
    .addColumn('api', 'text', (column) => column.notNull())
    .addColumn('format', 'text', (column) => column.notNull())
    .addColumn('state', 'text', (column) => column.notNull())
    .addColumn('handle', 'text')
    .addColumn('exclude', 'text', (column) => column.notNull())
    .addColumn('line_count', 'integer', (column) => column.notNull())
    .addColumn('byte_count', 'bigint', (column) => column.notNull())
    .addColumn('tries', 'integer', (column) => column.notNull())
    .addColumn('created_ms', 'bigint', (column) => column.notNull())
    .addColumn('look_ms', 'bigint', (column) => column.notNull())
    .execute();
  await db.schema.createIndex('batch_part_by_batch').on('batch_part').columns(['batch_id']).execute();
};
