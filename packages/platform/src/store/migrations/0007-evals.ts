import type { Migration } from './migration.ts';

/** Runs of evaluations and their rows; a row is stored before the target is asked, so that a killed run can go on. */
export const evals: Migration = async (db) => {
  await db.schema
    .createTable('evaluation_run')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('evaluation', 'text', (column) => column.notNull())
    .addColumn('dataset', 'text', (column) => column.notNull())
    .addColumn('target', 'text', (column) => column.notNull())
    .addColumn('tenant', 'text', (column) => column.notNull())
    .addColumn('state', 'text', (column) => column.notNull())
    .addColumn('verdict', 'text')
    .addColumn('reasons', 'text', (column) => column.notNull())
    .addColumn('plan', 'text', (column) => column.notNull())
    .addColumn('means', 'text', (column) => column.notNull())
    .addColumn('rows', 'integer', (column) => column.notNull())
    .addColumn('created_ms', 'bigint', (column) => column.notNull())
    .addColumn('ended_ms', 'bigint')
    .addColumn('error_code', 'text')
    .addColumn('error_message', 'text')
    .addColumn('owner', 'text')
    .addColumn('heartbeat_ms', 'bigint', (column) => column.notNull())
    .execute();
  await db.schema
    .createTable('evaluation_row')
    .addColumn('run_id', 'text', (column) => column.notNull())
    .addColumn('position', 'integer', (column) => column.notNull())
    .addColumn('row_id', 'text', (column) => column.notNull())
    .addColumn('state', 'text', (column) => column.notNull())
    .addColumn('input', 'text', (column) => column.notNull())
    .addColumn('expected', 'text')
    .addColumn('relevant', 'text')
    .addColumn('answer', 'text')
    .addColumn('passages', 'text')
    .addColumn('scores', 'text')
    .addColumn('usage', 'text')
    .addColumn('cost_nano_usd', 'bigint')
    .addColumn('trace_id', 'text')
    .addColumn('duration_ms', 'bigint')
    .addColumn('error_code', 'text')
    .addColumn('error_message', 'text')
    .addPrimaryKeyConstraint('evaluation_row_key', ['run_id', 'position'])
    .execute();
  await db.schema.createIndex('evaluation_run_by_time').on('evaluation_run').columns(['created_ms', 'id']).execute();
  await db.schema.createIndex('evaluation_run_by_name').on('evaluation_run').columns(['evaluation', 'created_ms']).execute();
};
