import { describe, expect, it } from 'vitest';
import { openStore } from './database.ts';
import { insertRows } from './insert-rows.ts';
import { migrateStore } from './migrate.ts';

const lease = (name: string, holder = 'a') => ({ name, holder, fence: 1, expires_ms: 5 });

describe('inserting rows', () => {
  it.each([0, 1, 7, 8, 31, 32, 33, 105])('writes %i of them, each once', async (count) => {
    const store = await openStore({ url: ':memory:' });
    await migrateStore(store);
    const names = Array.from({ length: count }, (_, index) => `lease-${String(index).padStart(3, '0')}`);

    const returned = await insertRows(store.db, 'sqlite', { table: 'lease', rows: names.map((name) => lease(name)), suffix: 'returning "name"' });

    expect(returned.map((row) => row['name'])).toEqual(names);
    expect((await store.db.selectFrom('lease').selectAll().orderBy('name').execute()).map((row) => row.name)).toEqual(names);
    await store.close();
  });

  it('returns only what was written where a key is taken', async () => {
    const store = await openStore({ url: ':memory:' });
    await migrateStore(store);
    await insertRows(store.db, 'sqlite', { table: 'lease', rows: [lease('taken')] });

    const insert = { table: 'lease', rows: [lease('taken', 'b'), lease('free', 'b')], suffix: 'on conflict do nothing returning "name"' } as const;

    expect(await insertRows(store.db, 'sqlite', insert)).toEqual([{ name: 'free' }]);
    await store.close();
  });
});
