import type { Migration } from './migration.ts';

export const pipelines: Migration = async (db) => {
  await db.schema
    .createTable('pipeline_run')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('pipeline', 'text', (column) => column.notNull())
    .addColumn('tenant', 'text', (column) => column.notNull())
    .addColumn('state', 'text', (column) => column.notNull())
    .addColumn('cause', 'text', (column) => column.notNull())
    .addColumn('created_ms', 'bigint', (column) => column.notNull())
    .addColumn('started_ms', 'bigint')
    .addColumn('ended_ms', 'bigint')
    .addColumn('trace_id', 'text', (column) => column.notNull())
    .addColumn('span_id', 'text', (column) => column.notNull())
    .addColumn('resource', 'text', (column) => column.notNull())
    .addColumn('error_code', 'text')
    .addColumn('error_message', 'text')
    .addColumn('cancel_requested', 'integer', (column) => column.notNull())
    .addColumn('lease_holder', 'text')
    .addColumn('lease_fence', 'bigint', (column) => column.notNull())
    .addColumn('lease_until_ms', 'bigint', (column) => column.notNull())
    .execute();
  await db.schema.createIndex('pipeline_run_by_time').on('pipeline_run').columns(['created_ms', 'id']).execute();
  await db.schema.createIndex('pipeline_run_by_state').on('pipeline_run').columns(['state', 'lease_until_ms']).execute();
  await db.schema
    .createTable('pipeline_step')
    .addColumn('run_id', 'text', (column) => column.notNull())
    .addColumn('step_index', 'integer', (column) => column.notNull())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('type', 'text', (column) => column.notNull())
    .addColumn('state', 'text', (column) => column.notNull())
    .addColumn('attempt', 'integer', (column) => column.notNull())
    .addColumn('started_ms', 'bigint')
    .addColumn('ended_ms', 'bigint')
    .addColumn('output', 'text')
    .addColumn('error_code', 'text')
    .addColumn('error_message', 'text')
    .addPrimaryKeyConstraint('pipeline_step_key', ['run_id', 'step_index'])
    .execute();
};
