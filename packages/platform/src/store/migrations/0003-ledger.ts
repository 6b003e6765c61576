import type { Db } from '../database.ts';
import type { Migration } from './migration.ts';

export const ledger: Migration = async (db) => {
  await createKeys(db);
  await createCharges(db);
  await createSpend(db);
  await createBudgets(db);
};

async function createKeys(db: Db): Promise<void> {
  await db.schema
    .createTable('api_key')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('tenant', 'text', (column) => column.notNull())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('hash', 'text', (column) => column.notNull().unique())
    .addColumn('prefix', 'text', (column) => column.notNull())
    .addColumn('admin', 'integer', (column) => column.notNull())
    .addColumn('models', 'text')
    .addColumn('budget_nano', 'bigint')
    .addColumn('budget_window', 'text')
    .addColumn('limits', 'text')
    .addColumn('created_ms', 'bigint', (column) => column.notNull())
    .addColumn('expires_ms', 'bigint')
    .addColumn('revoked_ms', 'bigint')
    .addColumn('last_used_ms', 'bigint')
    .execute();
}

async function createCharges(db: Db): Promise<void> {
  await db.schema
    .createTable('charge')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('request_id', 'text', (column) => column.notNull())
    .addColumn('trace_id', 'text', (column) => column.notNull())
    .addColumn('at_ms', 'bigint', (column) => column.notNull())
    .addColumn('tenant', 'text', (column) => column.notNull())
    .addColumn('key_id', 'text', (column) => column.notNull())
    .addColumn('user_name', 'text')
    .addColumn('session', 'text')
    .addColumn('agent', 'text')
    .addColumn('requested_model', 'text', (column) => column.notNull())
    .addColumn('model', 'text', (column) => column.notNull())
    .addColumn('endpoint', 'text', (column) => column.notNull())
    .addColumn('provider', 'text', (column) => column.notNull())
    .addColumn('simulated', 'integer', (column) => column.notNull())
    .addColumn('input_tokens', 'bigint', (column) => column.notNull())
    .addColumn('cache_read_tokens', 'bigint', (column) => column.notNull())
    .addColumn('cache_write_tokens', 'bigint', (column) => column.notNull())
    .addColumn('output_tokens', 'bigint', (column) => column.notNull())
    .addColumn('reasoning_tokens', 'bigint', (column) => column.notNull())
    .addColumn('cost_nano', 'bigint')
    .addColumn('price_source', 'text')
    .addColumn('outcome', 'text', (column) => column.notNull())
    .execute();
  await db.schema.createIndex('charge_at').on('charge').columns(['at_ms', 'id']).execute();
  await db.schema.createIndex('charge_request').on('charge').column('request_id').execute();
  await db.schema.createIndex('charge_trace').on('charge').column('trace_id').execute();
}

async function createSpend(db: Db): Promise<void> {
  await db.schema
    .createTable('spend_hour')
    .addColumn('hour_ms', 'bigint', (column) => column.notNull())
    .addColumn('tenant', 'text', (column) => column.notNull())
    .addColumn('key_id', 'text', (column) => column.notNull())
    .addColumn('agent', 'text', (column) => column.notNull())
    .addColumn('requested_model', 'text', (column) => column.notNull())
    .addColumn('model', 'text', (column) => column.notNull())
    .addColumn('provider', 'text', (column) => column.notNull())
    .addColumn('simulated', 'integer', (column) => column.notNull())
    .addColumn('requests', 'bigint', (column) => column.notNull())
    .addColumn('errors', 'bigint', (column) => column.notNull())
    .addColumn('unpriced', 'bigint', (column) => column.notNull())
    .addColumn('input_tokens', 'bigint', (column) => column.notNull())
    .addColumn('cache_read_tokens', 'bigint', (column) => column.notNull())
    .addColumn('cache_write_tokens', 'bigint', (column) => column.notNull())
    .addColumn('output_tokens', 'bigint', (column) => column.notNull())
    .addColumn('reasoning_tokens', 'bigint', (column) => column.notNull())
    .addColumn('cost_nano', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('spend_hour_key', ['hour_ms', 'tenant', 'key_id', 'agent', 'requested_model', 'model', 'provider', 'simulated'])
    .execute();
}

async function createBudgets(db: Db): Promise<void> {
  await db.schema
    .createTable('budget_account')
    .addColumn('budget_id', 'text', (column) => column.notNull())
    .addColumn('window_start_ms', 'bigint', (column) => column.notNull())
    .addColumn('spent_nano', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('budget_account_key', ['budget_id', 'window_start_ms'])
    .execute();
  await db.schema
    .createTable('budget_slice')
    .addColumn('budget_id', 'text', (column) => column.notNull())
    .addColumn('window_start_ms', 'bigint', (column) => column.notNull())
    .addColumn('holder', 'text', (column) => column.notNull())
    .addColumn('granted_nano', 'bigint', (column) => column.notNull())
    .addColumn('expires_ms', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('budget_slice_key', ['budget_id', 'window_start_ms', 'holder'])
    .execute();
}
