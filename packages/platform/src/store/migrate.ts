import { PlatformError } from '@maru/api/errors';
import { Migrator } from 'kysely/migration';
import type { Db, Store } from './database.ts';
import { MIGRATIONS } from './migrations/index.ts';

/** Brings the database to the schema of this version; forward only, all or nothing per migration. */
export async function migrateStore(store: Store): Promise<readonly string[]> {
  const migrations = Object.fromEntries(Object.entries(MIGRATIONS).map(([name, up]) => [name, { up: (db: Db) => up(db, store.dialect) }]));
  const migrator = new Migrator({ db: store.db, provider: { getMigrations: () => Promise.resolve(migrations) } });
  const { error, results } = await migrator.migrateToLatest();
  if (error !== undefined)
    throw new PlatformError('migration_failed', {
      message: `migration ${results?.find((result) => result.status === 'Error')?.migrationName ?? '(unknown)'} failed`,
      cause: error,
    });
  return (results ?? []).map((result) => result.migrationName);
}
