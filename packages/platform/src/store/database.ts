import { DatabaseSync } from 'node:sqlite';
import { PlatformError } from '@maru/api/errors';
import { Kysely, PostgresDialect, type SqliteDatabase, SqliteDialect, type SqliteStatement } from 'kysely';
import type { Tables } from './tables/index.ts';

export type Db = Kysely<Tables>;
export type Dialect = 'sqlite' | 'postgres';

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
}

/** Opens the database; does not migrate. SQLite runs in WAL mode with `synchronous=NORMAL`: safe against kill -9. */
export async function openStore(options: OpenStoreOptions): Promise<Store> {
  return /^postgres(ql)?:\/\//.test(options.url) ? openPostgres(options) : openSqlite(options.url);
}

function openSqlite(path: string): Store {
  const database = openSqliteFile(path);
  const db = new Kysely<Tables>({ dialect: new SqliteDialect({ database: adaptSqlite(database) }) });
  return { dialect: 'sqlite', db, close: () => db.destroy() };
}

function openSqliteFile(path: string): DatabaseSync {
  try {
    const database = new DatabaseSync(path);
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA busy_timeout = 5000; PRAGMA foreign_keys = ON; PRAGMA cache_size = -8000;');
    return database;
  } catch (cause) {
    throw new PlatformError('data_dir_unusable', { message: `the database "${path}" can not be opened: ${String((cause as Error).message)}`, cause });
  }
}

/** Fits `node:sqlite` to the small interface that Kysely expects of a SQLite driver. */
function adaptSqlite(database: DatabaseSync): SqliteDatabase {
  return {
    close: () => database.close(),
    prepare: (sql): SqliteStatement => {
      const statement = database.prepare(sql);
      const reader = statement.columns().length > 0;
      type Parameters = Parameters_;
      return {
        reader,
        all: (parameters) => statement.all(...(parameters as Parameters)),
        run: (parameters) => statement.run(...(parameters as Parameters)),
        iterate: (parameters) => statement.iterate(...(parameters as Parameters)) as IterableIterator<unknown>,
      };
    },
  };
}
type Parameters_ = (string | number | bigint | null | Uint8Array)[];

async function openPostgres(options: OpenStoreOptions): Promise<Store> {
  const { default: pg } = await import('pg');
  // bigint columns hold counters and nano-dollars below 2^53: as numbers they behave as on SQLite.
  pg.types.setTypeParser(pg.types.builtins.INT8, Number);
  const pool = new pg.Pool({ connectionString: options.url, max: options.poolSize ?? 10 });
  const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) });
  return { dialect: 'postgres', db, close: () => db.destroy() };
}
