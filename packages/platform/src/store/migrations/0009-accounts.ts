import type { Db } from '../database.ts';
import type { Migration } from './migration.ts';

/** The tree of accounts and what is spent in it, several budgets per key, rotation and blocking of keys. */
export const accounts: Migration = async (db) => {
  await changeKeys(db);
  await createAccounts(db);
  await createSums(db);
};

/** Tables as they were before this step; later ones are not known here. */
type Before = {
  readonly api_key: { id: string; budget_nano: number | null; budget_window: string | null; budgets: string | null };
};

async function changeKeys(db: Db): Promise<void> {
  for (const name of ['budgets', 'user_account', 'tags', 'metadata', 'old_hash']) await db.schema.alterTable('api_key').addColumn(name, 'text').execute();
  await db.schema
    .alterTable('api_key')
    .addColumn('blocked', 'integer', (column) => column.notNull().defaultTo(0))
    .execute();
  await db.schema.alterTable('api_key').addColumn('old_until_ms', 'bigint').execute();
  const before = db.withTables<Before>();
  const keys = await before.selectFrom('api_key').select(['id', 'budget_nano', 'budget_window']).where('budget_nano', 'is not', null).execute();
  for (const key of keys) {
    const budget = { usd: (key.budget_nano ?? 0) / 1e9, window: key.budget_window ?? 'total', mode: 'hard', warnAtPercent: 80 };
    await before
      .updateTable('api_key')
      .set({ budgets: JSON.stringify([budget]) })
      .where('id', '=', key.id)
      .execute();
  }
  await db.schema.alterTable('api_key').dropColumn('budget_nano').execute();
  await db.schema.alterTable('api_key').dropColumn('budget_window').execute();
  await db.schema.createIndex('api_key_old_hash').unique().on('api_key').column('old_hash').execute();
}

async function createAccounts(db: Db): Promise<void> {
  await db.schema
    .createTable('account')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('level', 'text', (column) => column.notNull())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('parent', 'text')
    .addColumn('spec', 'text', (column) => column.notNull())
    .addColumn('metadata', 'text')
    .addColumn('created_ms', 'bigint', (column) => column.notNull())
    .addColumn('updated_ms', 'bigint', (column) => column.notNull())
    .execute();
  await db.schema.createIndex('account_parent').on('account').column('parent').execute();
  await db.schema.createIndex('account_level').on('account').columns(['level', 'name']).execute();
}

async function createSums(db: Db): Promise<void> {
  await db.schema.alterTable('charge').addColumn('rare_usage', 'text').execute();
  await db.schema.alterTable('charge').addColumn('tags', 'text').execute();
  await db.schema
    .createTable('spend_rare')
    .addColumn('hour_ms', 'bigint', (column) => column.notNull())
    .addColumn('tenant', 'text', (column) => column.notNull())
    .addColumn('key_id', 'text', (column) => column.notNull())
    .addColumn('agent', 'text', (column) => column.notNull())
    .addColumn('requested_model', 'text', (column) => column.notNull())
    .addColumn('model', 'text', (column) => column.notNull())
    .addColumn('provider', 'text', (column) => column.notNull())
    .addColumn('simulated', 'integer', (column) => column.notNull())
    .addColumn('bucket', 'text', (column) => column.notNull())
    .addColumn('amount', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('spend_rare_key', ['hour_ms', 'tenant', 'key_id', 'agent', 'requested_model', 'model', 'provider', 'simulated', 'bucket'])
    .execute();
  await db.schema
    .createTable('account_spend')
    .addColumn('account_id', 'text', (column) => column.notNull())
    .addColumn('day_ms', 'bigint', (column) => column.notNull())
    .addColumn('model', 'text', (column) => column.notNull())
    .addColumn('provider', 'text', (column) => column.notNull())
    .addColumn('requests', 'bigint', (column) => column.notNull())
    .addColumn('errors', 'bigint', (column) => column.notNull())
    .addColumn('unpriced', 'bigint', (column) => column.notNull())
    .addColumn('prompt_tokens', 'bigint', (column) => column.notNull())
    .addColumn('completion_tokens', 'bigint', (column) => column.notNull())
    .addColumn('cost_nano', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('account_spend_key', ['account_id', 'day_ms', 'model', 'provider'])
    .execute();
}
