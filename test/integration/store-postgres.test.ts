import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { migrateStore, openStore } from '../../packages/platform/src/store/index.ts';
import { describeStore } from '../conformance/store.ts';
import { startPostgres, type TestPostgres } from './start-postgres.ts';

let postgres: TestPostgres;
beforeAll(async () => {
  postgres = await startPostgres();
});
afterAll(() => postgres.stop());

describeStore('PostgreSQL', async () => {
  const url = await postgres.createDatabase();
  const [store, other] = await Promise.all([openStore({ url, poolSize: 5 }), openStore({ url, poolSize: 5 })]);
  return {
    store,
    other,
    remove: async () => {
      await store.close();
      await other.close();
      await postgres.dropDatabase(url);
    },
  };
});

describe('schemas', () => {
  it('have the same tables and columns on SQLite and PostgreSQL', async () => {
    const url = await postgres.createDatabase();
    const stores = [await openStore({ url: ':memory:' }), await openStore({ url })];

    const [sqlite, real] = await Promise.all(
      stores.map(async (store) => {
        await migrateStore(store);
        const tables = await store.db.introspection.getTables();
        // Tables of a full-text or vector index belong to one kind of database only.
        return new Map(
          tables.map((table) => [
            table.name,
            table.columns
              .map((column) => column.name)
              .sort()
              .join(' '),
          ]),
        );
      }),
    );

    for (const [name, columns] of real ?? []) expect([name, sqlite?.get(name)]).toEqual([name, columns]);
    expect(real?.size).toBeGreaterThan(10);
    await Promise.all(stores.map((store) => store.close()));
    await postgres.dropDatabase(url);
  });

  it('are made once when several processes start at the same time', async () => {
    const url = await postgres.createDatabase();
    const stores = await Promise.all([1, 2, 3].map(() => openStore({ url, poolSize: 2 })));

    const applied = await Promise.all(stores.map((store) => migrateStore(store)));

    expect(applied.filter((names) => names.length > 0)).toHaveLength(1);
    await Promise.all(stores.map((store) => store.close()));
    await postgres.dropDatabase(url);
  });
});
