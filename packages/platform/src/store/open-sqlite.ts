import { DatabaseSync } from 'node:sqlite';
import { PlatformError } from '@maru/api/errors';
import { CompiledQuery, type DatabaseConnection, type Driver, Kysely, SqliteAdapter, SqliteIntrospector, SqliteQueryCompiler } from 'kysely';
import { SqliteConnection } from './sqlite-connection.ts';
import { toStorageError } from './storage-error.ts';
import type { Tables } from './tables/index.ts';

const PRAGMAS = [
  'journal_mode = WAL',
  'synchronous = NORMAL',
  'busy_timeout = 5000',
  'foreign_keys = ON',
  'cache_size = -8000',
  // A checkpoint blocks the thread that answers requests: fewer of them, with each page written once.
  'wal_autocheckpoint = 4000',
  // A log that grew during a long transaction shrinks again.
  'journal_size_limit = 67108864',
];

/** Throws `data_dir_unusable` when the file can not be opened, `data_corrupt` when it is not a database. */
export function openSqlite(path: string): Kysely<Tables> {
  const connection = new SqliteConnection(openFile(path));
  return new Kysely<Tables>({
    dialect: {
      createAdapter: () => new TransactionalAdapter(),
      createDriver: () => new EmbeddedDriver(connection),
      createIntrospector: (db) => new SqliteIntrospector(db),
      createQueryCompiler: () => new SqliteQueryCompiler(),
    },
  });
}

/** SQLite can undo a change of the schema, which Kysely does not use on its own: a failed migration leaves nothing behind. */
class TransactionalAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true;
  }
}

/** One connection, which Kysely gives to one user at a time. */
class EmbeddedDriver implements Driver {
  readonly #connection: SqliteConnection;

  constructor(connection: SqliteConnection) {
    this.#connection = connection;
  }

  init(): Promise<void> {
    return Promise.resolve();
  }

  acquireConnection(): Promise<DatabaseConnection> {
    return Promise.resolve(this.#connection);
  }

  releaseConnection(): Promise<void> {
    return Promise.resolve();
  }

  /** Takes the right to write: a transaction that has read first could not get it any more once another process has written, and would fail without a wait. */
  async beginTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(BEGIN);
  }

  async commitTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(COMMIT);
  }

  async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(ROLLBACK);
  }

  destroy(): Promise<void> {
    this.#connection.close();
    return Promise.resolve();
  }
}

const BEGIN = CompiledQuery.raw('begin immediate');
const COMMIT = CompiledQuery.raw('commit');
const ROLLBACK = CompiledQuery.raw('rollback');

function openFile(path: string): DatabaseSync {
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(path);
    database.exec(PRAGMAS.map((pragma) => `PRAGMA ${pragma};`).join(' '));
    return database;
  } catch (cause) {
    database?.close();
    throw openError(path, cause);
  }
}

function openError(path: string, cause: unknown): PlatformError {
  const { errcode, errstr } = cause as { errcode?: number; errstr?: string };
  // SQLITE_CORRUPT and SQLITE_NOTADB.
  if (errcode === 11 || errcode === 26)
    return new PlatformError('data_corrupt', { message: `"${path}" is not a SQLite database: restore it from a backup`, cause });
  const known = toStorageError(cause, `opening the database "${path}"`);
  if (known.code === 'storage_full') return known;
  return new PlatformError('data_dir_unusable', { message: `the database "${path}" can not be opened: ${errstr ?? String((cause as Error).message)}`, cause });
}
