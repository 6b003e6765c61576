import { toStorageError } from './storage-error.ts';

/** A foreign PostgreSQL database, to read from. */
export interface ForeignDatabase {
  /** Throws `storage_failed`. */
  query(sql: string): Promise<readonly Readonly<Record<string, unknown>>[]>;
  close(): Promise<void>;
}

const INT8 = 20;

/** Opens a database that belongs to another program; every statement runs in a transaction that can not write. Throws `storage_failed`. */
export async function openForeignPostgres(url: string): Promise<ForeignDatabase> {
  const { default: pg } = await import('pg');
  const client = new pg.Client({
    connectionString: url,
    application_name: 'maru import',
    connectionTimeoutMillis: 10_000,
    statement_timeout: 120_000,
    types: { getTypeParser: (oid: number, format?: unknown) => (oid === INT8 ? Number : pg.types.getTypeParser(oid, format as 'text')) },
  });
  const guarded = async <Result>(work: Promise<Result>, doing: string): Promise<Result> => {
    try {
      return await work;
    } catch (error) {
      throw toStorageError(error, doing);
    }
  };
  await guarded(client.connect(), 'connecting to the database');
  await guarded(client.query('set session characteristics as transaction read only'), 'connecting to the database');
  return {
    query: async (sql) => (await guarded(client.query(sql), 'reading the database')).rows as readonly Record<string, unknown>[],
    close: () => client.end(),
  };
}
