import { Kysely, PostgresDialect, type PostgresPool, type PostgresPoolClient } from 'kysely';
import type { Log } from '#telemetry';
import { toStorageError } from './storage-error.ts';
import type { Tables } from './tables/index.ts';

export interface OpenPostgresOptions {
  readonly url: string;
  readonly poolSize?: number;
  readonly log?: Log;
}

const INT8 = 20;
const NUMERIC = 1700;

/** Does not connect yet: the first statement does, and throws `storage_failed` when nobody answers. */
export async function openPostgres(options: OpenPostgresOptions): Promise<Kysely<Tables>> {
  const { default: pg } = await import('pg');
  const pool = new pg.Pool({
    connectionString: options.url,
    max: options.poolSize ?? 10,
    application_name: 'maru',
    connectionTimeoutMillis: 10_000,
    statement_timeout: 120_000,
    keepAlive: true,
    // Counters and nano-dollars stay below 2^53: as numbers they behave as on SQLite, sums included.
    types: { getTypeParser: (oid: number, format?: unknown) => (oid === INT8 || oid === NUMERIC ? Number : pg.types.getTypeParser(oid, format as 'text')) },
  });
  // Without a listener a connection that breaks while idle would end the process.
  pool.on('error', (error) => options.log?.warn({ error: (error as { code?: string }).code }, 'a connection to the database broke'));
  return new Kysely<Tables>({ dialect: new PostgresDialect({ pool: mapErrors(pool) }) });
}

function mapErrors(pool: PostgresPool): PostgresPool {
  return {
    options: pool.options,
    end: () => pool.end(),
    connect: async () => mapClientErrors(await guard(pool.connect(), 'connecting to the database')),
  };
}

function mapClientErrors(client: PostgresPoolClient): PostgresPoolClient {
  const query = ((...parameters: Parameters<PostgresPoolClient['query']>) => {
    const result = client.query(...parameters) as unknown;
    return result instanceof Promise ? guard(result, 'a statement of the database') : result;
  }) as PostgresPoolClient['query'];
  return new Proxy(client, { get: (target, name) => (name === 'query' ? query : bound(target, name)) });
}

function bound(target: PostgresPoolClient, name: string | symbol): unknown {
  const value: unknown = Reflect.get(target, name);
  return typeof value === 'function' ? value.bind(target) : value;
}

async function guard<T>(work: Promise<T>, what: string): Promise<T> {
  try {
    return await work;
  } catch (cause) {
    throw toStorageError(cause, what);
  }
}
