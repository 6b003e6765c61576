import pg from 'pg';
import { migrateStore, openStore, type Store } from '../../packages/platform/src/store/index.ts';
import type { TestPostgres } from './start-postgres.ts';

/** A database whose clock stands still until it is set: everything else is PostgreSQL as it is. */
export interface VirtualPostgres {
  readonly store: Store;
  setClock(ms: number): Promise<void>;
  /** Rows of a statement, beside the store. */
  query<T extends object>(text: string): Promise<readonly T[]>;
  close(): Promise<void>;
}

/** A schema that is looked into before `pg_catalog` answers for `clock_timestamp()`. */
export async function openVirtualPostgres(postgres: TestPostgres): Promise<VirtualPostgres> {
  const address = await postgres.createDatabase();
  const admin = new pg.Client({ connectionString: address });
  await admin.connect();
  await admin.query(`create schema virtual;
    create table virtual.clock (ms bigint not null);
    insert into virtual.clock values (0);
    create function virtual.clock_timestamp() returns timestamptz language sql volatile as 'select to_timestamp(ms / 1000.0) from virtual.clock'`);
  const url = new URL(address);
  url.searchParams.set('options', '-c search_path=virtual,pg_catalog,public');
  const store = await openStore({ url: url.href, poolSize: 4 });
  await migrateStore(store);
  await admin.query('set search_path = virtual, pg_catalog, public');
  return {
    store,
    setClock: async (ms) => void (await admin.query('update virtual.clock set ms = $1', [Math.floor(ms)])),
    query: async <T extends object>(text: string) => (await admin.query<T>(text)).rows,
    async close() {
      await admin.end();
      await store.close();
      await postgres.dropDatabase(address);
    },
  };
}
