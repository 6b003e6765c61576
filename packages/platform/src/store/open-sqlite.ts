import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { PlatformError } from '@maru/api/errors';
import { CompiledQuery, type DatabaseConnection, Kysely, SqliteAdapter, type SqliteDatabase, SqliteDialect, SqliteDriver, type SqliteStatement } from 'kysely';
import { toStorageError } from './storage-error.ts';
import type { Tables } from './tables/index.ts';

// Compiling a statement costs three times as much as running a small one (measured: 26 µs against 9 µs).
const MAX_STATEMENTS = 500;
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

type SqlValue = string | number | bigint | null | Uint8Array;

/** Throws `data_dir_unusable` when the file can not be opened, `data_corrupt` when it is not a database. */
export function openSqlite(path: string): Kysely<Tables> {
  const database = adaptSqlite(openFile(path));
  const dialect = new SqliteDialect({ database });
  return new Kysely<Tables>({
    dialect: {
      createAdapter: () => new TransactionalAdapter(),
      createDriver: () => new WritingDriver({ database }),
      createIntrospector: (db) => dialect.createIntrospector(db),
      createQueryCompiler: () => dialect.createQueryCompiler(),
    },
  });
}

/** SQLite can undo a change of the schema, which Kysely does not use on its own: a failed migration leaves nothing behind. */
class TransactionalAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true;
  }
}

/**
 * A transaction takes the right to write at its beginning: one that has read first could not get it any more once another process has
 * written, and would fail without a wait.
 */
class WritingDriver extends SqliteDriver {
  override async beginTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw('begin immediate'));
  }
}

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

/** Fits `node:sqlite` to the small interface that Kysely expects of a SQLite driver. */
function adaptSqlite(database: DatabaseSync): SqliteDatabase {
  const cache = new Map<string, SqliteStatement>();
  return {
    close: () => {
      cache.clear();
      database.close();
    },
    prepare: (sql) => {
      const known = cache.get(sql);
      if (known !== undefined) return known;
      const statement = guard(() => adaptStatement(database.prepare(sql)));
      cache.set(sql, statement);
      if (cache.size > MAX_STATEMENTS) dropOldest(cache);
      return statement;
    },
  };
}

function dropOldest(cache: Map<string, SqliteStatement>): void {
  for (const sql of cache.keys()) {
    cache.delete(sql);
    return;
  }
}

function adaptStatement(statement: StatementSync): SqliteStatement {
  return {
    reader: statement.columns().length > 0,
    all: (parameters) => guard(() => statement.all(...(parameters as SqlValue[]))),
    run: (parameters) => guard(() => statement.run(...(parameters as SqlValue[]))),
    // A cached statement has one cursor: rows are taken at once, so that two readers can not disturb each other.
    iterate: (parameters) => guard(() => statement.all(...(parameters as SqlValue[])))[Symbol.iterator]() as IterableIterator<unknown>,
  };
}

function guard<T>(work: () => T): T {
  try {
    return work();
  } catch (cause) {
    throw toStorageError(cause, 'a statement of the database');
  }
}
