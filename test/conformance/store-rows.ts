import { beforeEach, expect, it } from 'vitest';
import { migrateStore, prepareInsert, prepareRows, type Store } from '../../packages/platform/src/store/index.ts';

const COLUMNS = ['name', 'holder', 'fence', 'expires_ms'] as const;
const insertLeases = prepareInsert({ table: 'lease', columns: COLUMNS, returning: ['name'] });
const keepLeases = prepareInsert({ table: 'lease', columns: COLUMNS, onConflict: 'keep', returning: ['name'] });
const addFences = prepareInsert({ table: 'lease', columns: COLUMNS, onConflict: { key: ['name'], add: ['fence', 'expires_ms'] } });

/** Statements for many rows do the same on every kind of store. */
export function describeRows(open: () => Store): void {
  let store: Store;
  beforeEach(async () => {
    store = open();
    await migrateStore(store);
  });

  it.each([0, 1, 7, 8, 31, 32, 33, 150])('writes %i of them, each once, and answers what was asked for', async (count) => {
    const names = Array.from({ length: count }, (_, index) => `lease-${String(index).padStart(3, '0')}`);

    const returned = await insertLeases(
      store.db,
      store.dialect,
      names.map((name) => [name, 'a', 1, 5]),
    );

    expect(returned.map((row) => row.name)).toEqual(names);
    expect((await store.db.selectFrom('lease').selectAll().orderBy('name').execute()).map((row) => row.name)).toEqual(names);
  });

  it('answers only what was written where a key is taken', async () => {
    await insertLeases(store.db, store.dialect, [['taken', 'a', 1, 5]]);

    const returned = await keepLeases(store.db, store.dialect, [
      ['taken', 'b', 2, 6],
      ['free', 'b', 2, 6],
    ]);

    expect(returned).toEqual([{ name: 'free' }]);
    expect(await store.db.selectFrom('lease').selectAll().where('name', '=', 'taken').execute()).toEqual([
      { name: 'taken', holder: 'a', fence: 1, expires_ms: 5 },
    ]);
  });

  it('adds to what is there, and leaves the other columns', async () => {
    await addFences(store.db, store.dialect, [['known', 'a', 1, 5]]);

    await addFences(store.db, store.dialect, [
      ['known', 'b', 2, 6],
      ['new', 'b', 3, 7],
    ]);

    expect(await store.db.selectFrom('lease').selectAll().orderBy('name').execute()).toEqual([
      { name: 'known', holder: 'a', fence: 3, expires_ms: 11 },
      { name: 'new', holder: 'b', fence: 3, expires_ms: 7 },
    ]);
  });

  it('says that a key is taken where nothing else was asked for', async () => {
    await insertLeases(store.db, store.dialect, [['taken', 'a', 1, 5]]);

    await expect(insertLeases(store.db, store.dialect, [['taken', 'b', 2, 6]])).rejects.toMatchObject({ code: 'conflict' });
  });

  it('leaves nothing of a transaction in which one row fails', async () => {
    const write = store.db.transaction().execute((tx) =>
      insertLeases(tx, store.dialect, [
        ['one', 'a', 1, 5],
        ['one', 'a', 1, 5],
      ]),
    );

    await expect(write).rejects.toMatchObject({ code: 'conflict' });
    expect(await store.db.selectFrom('lease').selectAll().execute()).toEqual([]);
  });

  it('runs other statements for many rows too, and leaves what they do not name', async () => {
    const leave = prepareRows<readonly [name: string, holder: string, fence: number], never>({
      places: ['text', 'text', 'bigint'],
      text: (values) =>
        `with "given" ("name", "holder", "fence") as (values ${values}) update "lease" set "fence" = "lease"."fence" - "given"."fence" from "given"
         where "lease"."name" = "given"."name" and "lease"."holder" = "given"."holder"`,
    });
    const names = Array.from({ length: 70 }, (_, index) => `lease-${String(index).padStart(3, '0')}`);
    await insertLeases(
      store.db,
      store.dialect,
      names.map((name, index) => [name, index === 3 ? 'b' : 'a', 100, 5]),
    );

    await leave(
      store.db,
      store.dialect,
      names.map((name, index) => [name, 'a', index]),
    );

    const fences = (await store.db.selectFrom('lease').selectAll().orderBy('name').execute()).map((row) => row.fence);
    expect(fences).toEqual(names.map((_, index) => (index === 3 ? 100 : 100 - index)));
  });
}
