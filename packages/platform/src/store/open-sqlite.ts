import { DatabaseSync } from 'node:sqlite';
import { PlatformError } from '@maru/api/errors';
import { CompiledQuery, type DatabaseConnection, type Driver, Kysely, SqliteAdapter, SqliteIntrospector, SqliteQueryCompiler } from 'kysely';
import type { Log } from '#telemetry';
import { Checkpoints, type CheckpointsOptions } from './checkpoints.ts';
import { SqliteConnection } from './sqlite-connection.ts';
import { toStorageError } from './storage-error.ts';
import type { Tables } from './tables/index.ts';

/** Where no thread copies the log: seldom, with each page written once, because the connection does nothing else meanwhile. */
const OWN_CHECKPOINT_PAGES = 4000;

const PRAGMAS = [
  'journal_mode = WAL',
  'synchronous = NORMAL',
  'busy_timeout = 5000',
  'foreign_keys = ON',
  'cache_size = -8000',
  `wal_autocheckpoint = ${OWN_CHECKPOINT_PAGES}`,
  // A log that grew during a long transaction shrinks again.
  'journal_size_limit = 67108864',
];

/** Throws `data_dir_unusable` when the file can not be opened, `data_corrupt` when it is not a database. */
export function openSqlite(path: string, options: OpenSqliteOptions = {}): Kysely<Tables> {
  const connection = new SqliteConnection(openFile(path));
  const driver = new EmbeddedDriver(connection);
  const db = new Kysely<Tables>({
    dialect: {
      createAdapter: () => new TransactionalAdapter(),
      createDriver: () => driver,
      createIntrospector: (introspected) => new SqliteIntrospector(introspected),
      createQueryCompiler: () => new SqliteQueryCompiler(),
    },
  });
  if (path !== ':memory:') driver.copyApart({ ...options, path, alone: (work) => db.connection().execute(work) });
  return db;
}

export interface OpenSqliteOptions extends Pick<CheckpointsOptions, 'limits'> {
  readonly log?: Log | undefined;
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
  #checkpoints: Checkpoints | undefined;

  constructor(connection: SqliteConnection) {
    this.#connection = connection;
  }

  /** From now on a thread copies the log into the database file, not this connection. */
  copyApart(options: Omit<CheckpointsOptions, 'logPages' | 'takeBack'>): void {
    const connection = this.#connection;
    connection.checkpointFrom(0);
    this.#checkpoints = new Checkpoints({ ...options, logPages: () => connection.logPages(), takeBack: () => connection.checkpointFrom(OWN_CHECKPOINT_PAGES) });
  }

  init(): Promise<void> {
    return Promise.resolve();
  }

  acquireConnection(): Promise<DatabaseConnection> {
    return Promise.resolve(this.#connection);
  }

  releaseConnection(): Promise<void> {
    this.#checkpoints?.used();
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

  async destroy(): Promise<void> {
    await this.#checkpoints?.close();
    this.#connection.close();
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
