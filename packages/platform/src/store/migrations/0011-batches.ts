import type { Migration } from './migration.ts';

export const batches: Migration = async (db) => {
  await db.schema
    .createTable('file_object')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('tenant', 'text', (column) => column.notNull())
    .addColumn('key_id', 'text', (column) => column.notNull())
    .addColumn('purpose', 'text', (column) => column.notNull())
    .addColumn('filename', 'text', (column) => column.notNull())
    .addColumn('size_bytes', 'bigint', (column) => column.notNull())
    .addColumn('created_ms', 'bigint', (column) => column.notNull())
    .addColumn('expires_ms', 'bigint')
    .execute();
  await db.schema.createIndex('file_object_by_tenant').on('file_object').columns(['tenant', 'created_ms', 'id']).execute();
  await db.schema
    .createTable('batch_job')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('tenant', 'text', (column) => column.notNull())
    .addColumn('key_id', 'text', (column) => column.notNull())
    .addColumn('endpoint', 'text', (column) => column.notNull())
    .addColumn('input_file_id', 'text', (column) => column.notNull())
    .addColumn('state', 'text', (column) => column.notNull())
    .addColumn('metadata', 'text')
    .addColumn('errors', 'text')
    .addColumn('output_file_id', 'text')
    .addColumn('error_file_id', 'text')
    .addColumn('total', 'integer', (column) => column.notNull())
    .addColumn('completed', 'integer', (column) => column.notNull())
    .addColumn('failed', 'integer', (column) => column.notNull())
    .addColumn('created_ms', 'bigint', (column) => column.notNull())
    .addColumn('in_progress_ms', 'bigint')
    .addColumn('expires_ms', 'bigint', (column) => column.notNull())
    .addColumn('finalizing_ms', 'bigint')
    .addColumn('cancelling_ms', 'bigint')
    .addColumn('ended_ms', 'bigint')
    .execute();
  await db.schema.createIndex('batch_job_by_tenant').on('batch_job').columns(['tenant', 'created_ms', 'id']).execute();
  await db.schema.createIndex('batch_job_by_state').on('batch_job').columns(['state', 'created_ms']).execute();
  await db.schema
    .createTable('batch_line')
    .addColumn('batch_id', 'text', (column) => column.notNull())
    .addColumn('line_index', 'integer', (column) => column.notNull())
    .addColumn('custom_id', 'text', (column) => column.notNull())
    .addColumn('start_byte', 'bigint', (column) => column.notNull())
    .addColumn('end_byte', 'bigint', (column) => column.notNull())
    .addColumn('outcome', 'text')
    .addColumn('answer', 'text')
    .addPrimaryKeyConstraint('batch_line_key', ['batch_id', 'line_index'])
    .execute();
  await db.schema.createIndex('batch_line_by_outcome').on('batch_line').columns(['batch_id', 'outcome', 'line_index']).execute();
};
