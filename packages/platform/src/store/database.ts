import type { Kysely } from 'kysely';
import type { Log } from '#telemetry';
import { openPostgres } from './open-postgres.ts';
import { openSqlite } from './open-sqlite.ts';
import type { Tables } from './tables/index.ts';

export type Db = Kysely<Tables>;
export type Dialect = 'sqlite' | 'postgres';

/** An open database. Statements throw `storage_full`, `conflict` (a unique key is taken) or `storage_failed`. */
export interface Store {
  readonly dialect: Dialect;
  readonly db: Db;
  close(): Promise<void>;
}

export interface OpenStoreOptions {
  /** `postgres://…`, or the path of a SQLite file (`:memory:` for none). */
  readonly url: string;
  /** Connections to PostgreSQL. */
  readonly poolSize?: number;
  /** Hears about what goes wrong while nobody waits for a statement. */
  readonly log?: Log;
}

/** Opens the database; does not migrate. SQLite runs in WAL mode with `synchronous=NORMAL`: safe against kill -9. */
export async function openStore(options: OpenStoreOptions): Promise<Store> {
  if (!/^postgres(ql)?:\/\//.test(options.url)) return { dialect: 'sqlite', ...withClose(openSqlite(options.url, { log: options.log })) };
  return { dialect: 'postgres', ...withClose(await openPostgres(options)) };
}

const withClose = (db: Db): Pick<Store, 'db' | 'close'> => ({ db, close: () => db.destroy() });
