import type { Db } from '../database.ts';
import type { Migration } from './migration.ts';

/** Traces, their spans and scores. The tenant is part of every key: no tenant can write into the trace of another. */
export const traces: Migration = async (db) => {
  await createTraceTable(db);
  await createSpanTable(db);
  await createScoreTable(db);
  await db.schema.createIndex('trace_by_start').on('trace').columns(['start_us', 'trace_id']).execute();
  await db.schema.createIndex('trace_by_tenant').on('trace').columns(['tenant', 'start_us']).execute();
  await db.schema.createIndex('trace_by_session').on('trace').columns(['session', 'start_us']).execute();
  await db.schema.createIndex('trace_by_user').on('trace').columns(['user_id', 'start_us']).execute();
  await db.schema.createIndex('trace_by_id').on('trace').column('trace_id').execute();
  await db.schema.createIndex('score_by_trace').on('score').columns(['tenant', 'trace_id']).execute();
  await db.schema.createIndex('score_by_time').on('score').column('at_ms').execute();
};

async function createTraceTable(db: Db): Promise<void> {
  await db.schema
    .createTable('trace')
    .addColumn('tenant', 'text', (column) => column.notNull())
    .addColumn('trace_id', 'text', (column) => column.notNull())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('given', 'text', (column) => column.notNull())
    .addColumn('start_us', 'bigint', (column) => column.notNull())
    .addColumn('end_us', 'bigint')
    .addColumn('duration_us', 'bigint')
    .addColumn('ttft_us', 'bigint')
    .addColumn('status', 'text', (column) => column.notNull())
    .addColumn('status_message', 'text')
    .addColumn('session', 'text')
    .addColumn('user_id', 'text')
    .addColumn('model', 'text')
    .addColumn('spans', 'integer', (column) => column.notNull())
    .addColumn('input_tokens', 'bigint', (column) => column.notNull())
    .addColumn('cache_read_tokens', 'bigint', (column) => column.notNull())
    .addColumn('cache_write_tokens', 'bigint', (column) => column.notNull())
    .addColumn('output_tokens', 'bigint', (column) => column.notNull())
    .addColumn('reasoning_tokens', 'bigint', (column) => column.notNull())
    .addColumn('cost_nano_usd', 'bigint')
    .addColumn('search_text', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('trace_key', ['tenant', 'trace_id'])
    .execute();
}

async function createSpanTable(db: Db): Promise<void> {
  await db.schema
    .createTable('span')
    .addColumn('tenant', 'text', (column) => column.notNull())
    .addColumn('trace_id', 'text', (column) => column.notNull())
    .addColumn('span_id', 'text', (column) => column.notNull())
    .addColumn('parent_span_id', 'text')
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('kind', 'text', (column) => column.notNull())
    .addColumn('start_us', 'bigint', (column) => column.notNull())
    .addColumn('end_us', 'bigint')
    .addColumn('ttft_us', 'bigint')
    .addColumn('status', 'text', (column) => column.notNull())
    .addColumn('status_message', 'text')
    .addColumn('session', 'text')
    .addColumn('user_id', 'text')
    .addColumn('model', 'text')
    .addColumn('input_tokens', 'bigint')
    .addColumn('cache_read_tokens', 'bigint')
    .addColumn('cache_write_tokens', 'bigint')
    .addColumn('output_tokens', 'bigint')
    .addColumn('reasoning_tokens', 'bigint')
    .addColumn('cost_nano_usd', 'bigint')
    .addColumn('input', 'text')
    .addColumn('output', 'text')
    .addColumn('attributes', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('span_key', ['tenant', 'trace_id', 'span_id'])
    .execute();
}

async function createScoreTable(db: Db): Promise<void> {
  await db.schema
    .createTable('score')
    .addColumn('tenant', 'text', (column) => column.notNull())
    .addColumn('id', 'text', (column) => column.notNull())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('value', 'double precision')
    .addColumn('label', 'text')
    .addColumn('comment', 'text')
    .addColumn('source', 'text', (column) => column.notNull())
    .addColumn('at_ms', 'bigint', (column) => column.notNull())
    .addColumn('trace_id', 'text')
    .addColumn('span_id', 'text')
    .addColumn('session', 'text')
    .addColumn('run_id', 'text')
    .addColumn('row_id', 'text')
    .addPrimaryKeyConstraint('score_key', ['tenant', 'id'])
    .execute();
}
