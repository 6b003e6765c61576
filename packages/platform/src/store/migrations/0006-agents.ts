import type { Db } from '../database.ts';
import type { Migration } from './migration.ts';

export const agents: Migration = async (db) => {
  await createRuns(db);
  await createSteps(db);
  await createCheckpoints(db);
};

async function createRuns(db: Db): Promise<void> {
  await db.schema
    .createTable('agent_run')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('agent', 'text', (column) => column.notNull())
    .addColumn('tenant', 'text', (column) => column.notNull())
    .addColumn('key_id', 'text', (column) => column.notNull())
    .addColumn('session', 'text')
    .addColumn('state', 'text', (column) => column.notNull())
    .addColumn('created_ms', 'bigint', (column) => column.notNull())
    .addColumn('started_ms', 'bigint')
    .addColumn('ended_ms', 'bigint')
    .addColumn('trace_id', 'text', (column) => column.notNull())
    .addColumn('span_id', 'text', (column) => column.notNull())
    .addColumn('parent_span_id', 'text')
    .addColumn('parent_run_id', 'text')
    .addColumn('depth', 'integer', (column) => column.notNull())
    .addColumn('resource', 'text', (column) => column.notNull())
    .addColumn('input', 'text', (column) => column.notNull())
    .addColumn('messages', 'text', (column) => column.notNull())
    .addColumn('output', 'text')
    .addColumn('error_code', 'text')
    .addColumn('error_message', 'text')
    .addColumn('usage', 'text')
    .addColumn('cancel_requested', 'integer', (column) => column.notNull())
    .addColumn('active_ms', 'bigint', (column) => column.notNull())
    .addColumn('lease_holder', 'text')
    .addColumn('lease_fence', 'bigint', (column) => column.notNull())
    .addColumn('lease_until_ms', 'bigint', (column) => column.notNull())
    .execute();
  await db.schema.createIndex('agent_run_by_time').on('agent_run').columns(['created_ms', 'id']).execute();
  await db.schema.createIndex('agent_run_by_agent').on('agent_run').columns(['agent', 'created_ms']).execute();
  await db.schema.createIndex('agent_run_by_session').on('agent_run').columns(['session', 'created_ms']).execute();
  await db.schema.createIndex('agent_run_by_state').on('agent_run').columns(['state', 'lease_until_ms']).execute();
}

async function createSteps(db: Db): Promise<void> {
  await db.schema
    .createTable('agent_step')
    .addColumn('run_id', 'text', (column) => column.notNull())
    .addColumn('step_index', 'integer', (column) => column.notNull())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('kind', 'text', (column) => column.notNull())
    .addColumn('state', 'text', (column) => column.notNull())
    .addColumn('span_id', 'text', (column) => column.notNull())
    .addColumn('attempt', 'integer', (column) => column.notNull())
    .addColumn('started_ms', 'bigint', (column) => column.notNull())
    .addColumn('ended_ms', 'bigint')
    .addColumn('input', 'text')
    .addColumn('output', 'text')
    .addColumn('error_code', 'text')
    .addColumn('error_message', 'text')
    .addPrimaryKeyConstraint('agent_step_key', ['run_id', 'step_index'])
    .execute();
  await db.schema
    .createTable('agent_tool_call')
    .addColumn('run_id', 'text', (column) => column.notNull())
    .addColumn('call_id', 'text', (column) => column.notNull())
    .addColumn('step_index', 'integer', (column) => column.notNull())
    .addColumn('tool', 'text', (column) => column.notNull())
    .addColumn('arguments', 'text', (column) => column.notNull())
    .addColumn('state', 'text', (column) => column.notNull())
    .addColumn('question', 'text')
    .addColumn('result', 'text')
    .addColumn('started_ms', 'bigint')
    .addColumn('ended_ms', 'bigint')
    .addPrimaryKeyConstraint('agent_tool_call_key', ['run_id', 'call_id'])
    .execute();
}

async function createCheckpoints(db: Db): Promise<void> {
  await db.schema
    .createTable('agent_checkpoint')
    .addColumn('thread_id', 'text', (column) => column.notNull())
    .addColumn('checkpoint_ns', 'text', (column) => column.notNull())
    .addColumn('checkpoint_id', 'text', (column) => column.notNull())
    .addColumn('parent_id', 'text')
    .addColumn('checkpoint', 'text', (column) => column.notNull())
    .addColumn('metadata', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('agent_checkpoint_key', ['thread_id', 'checkpoint_ns', 'checkpoint_id'])
    .execute();
  await db.schema
    .createTable('agent_checkpoint_write')
    .addColumn('thread_id', 'text', (column) => column.notNull())
    .addColumn('checkpoint_ns', 'text', (column) => column.notNull())
    .addColumn('checkpoint_id', 'text', (column) => column.notNull())
    .addColumn('task_id', 'text', (column) => column.notNull())
    .addColumn('idx', 'integer', (column) => column.notNull())
    .addColumn('task_path', 'text', (column) => column.notNull())
    .addColumn('channel', 'text', (column) => column.notNull())
    .addColumn('value', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('agent_checkpoint_write_key', ['thread_id', 'checkpoint_ns', 'checkpoint_id', 'task_id', 'idx'])
    .execute();
}
