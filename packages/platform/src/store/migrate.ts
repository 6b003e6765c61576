import { PlatformError } from '@maru/api/errors';
import { Migrator } from 'kysely/migration';
import type { Db, Store } from './database.ts';
import { MIGRATIONS } from './migrations/index.ts';
import type { Migration } from './migrations/migration.ts';

/**
 * Brings the database to the schema of this version; forward only, all or nothing. Returns the names of what was applied.
 * Throws `migration_failed` when a step fails, or when a newer Maru has written the database.
 */
export async function migrateStore(store: Store, migrations: Readonly<Record<string, Migration>> = MIGRATIONS): Promise<readonly string[]> {
  const steps = Object.fromEntries(Object.entries(migrations).map(([name, up]) => [name, { up: (db: Db) => up(db, store.dialect) }]));
  const migrator = new Migrator({ db: store.db, provider: { getMigrations: () => Promise.resolve(steps) } });
  await refuseNewer(store, migrations);
  const { error, results } = await migrator.migrateToLatest();
  if (error !== undefined) {
    const failed = results?.find((result) => result.status === 'Error')?.migrationName ?? '(unknown)';
    throw new PlatformError('migration_failed', { message: `migration ${failed} failed; the database was left as it was`, cause: error });
  }
  return (results ?? []).map((result) => result.migrationName);
}

async function refuseNewer(store: Store, migrations: Readonly<Record<string, Migration>>): Promise<void> {
  const unknown = (await appliedMigrations(store)).filter((name) => !(name in migrations));
  if (unknown.length === 0) return;
  throw new PlatformError('migration_failed', {
    message: `the database was written by a newer Maru (it has ${unknown.join(', ')}): start that version, or use another database`,
    details: { unknown },
  });
}

async function appliedMigrations(store: Store): Promise<readonly string[]> {
  // Kysely keeps its own table of what was applied.
  const tables = await store.db.introspection.getTables({ withInternalKyselyTables: true });
  if (!tables.some((table) => table.name === 'kysely_migration')) return [];
  const db = store.db.withTables<{ kysely_migration: { name: string } }>();
  return (await db.selectFrom('kysely_migration').select('name').orderBy('name').execute()).map((row) => row.name);
}
