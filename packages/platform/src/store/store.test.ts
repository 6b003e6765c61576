import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { describeStore } from '../../../../test/conformance/store.ts';
import { openStore } from './database.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'maru-store-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describeStore('SQLite in memory', async () => {
  const store = await openStore({ url: ':memory:' });
  return { store, remove: () => store.close() };
});

describeStore('a SQLite file', async () => {
  const url = join(folder, 'maru.db');
  const [store, other] = await Promise.all([openStore({ url }), openStore({ url })]);
  return {
    store,
    other,
    remove: async () => {
      await store.close();
      await other.close();
    },
  };
});

describe('a SQLite file', () => {
  it('keeps its rows when it is opened again', async () => {
    const url = join(folder, 'maru.db');
    const first = await openStore({ url });
    await sql`create table t (a text)`.execute(first.db);
    await sql`insert into t values ('kept')`.execute(first.db);
    await first.close();

    const second = await openStore({ url });

    expect((await sql`select a from t`.execute(second.db)).rows).toEqual([{ a: 'kept' }]);
    await second.close();
  });

  it('says storage_full when there is no space for another page, and goes on when there is', async () => {
    const store = await openStore({ url: join(folder, 'maru.db') });
    await sql`create table t (a text)`.execute(store.db);
    await sql`pragma max_page_count = 3`.execute(store.db);

    await expect(sql`insert into t values (${'x'.repeat(50_000)})`.execute(store.db)).rejects.toMatchObject({ code: 'storage_full', status: 507 });

    await sql`pragma max_page_count = 1000`.execute(store.db);
    await sql`insert into t values (${'x'.repeat(50_000)})`.execute(store.db);
    expect((await sql`select length(a) as n from t`.execute(store.db)).rows).toEqual([{ n: 50_000 }]);
    await store.close();
  });

  it('says that another program holds the database when it waits in vain', async () => {
    const url = join(folder, 'maru.db');
    const [store, other] = await Promise.all([openStore({ url }), openStore({ url })]);
    await sql`create table t (a text)`.execute(store.db);
    await sql`pragma busy_timeout = 1`.execute(other.db);

    await store.db.transaction().execute(async (tx) => {
      await sql`insert into t values ('first')`.execute(tx);
      await expect(sql`insert into t values ('second')`.execute(other.db)).rejects.toMatchObject({
        code: 'storage_failed',
        retryable: true,
        message: expect.stringContaining('another program holds the database'),
      });
    });

    await sql`insert into t values ('second')`.execute(other.db);
    expect((await sql`select a from t order by a`.execute(store.db)).rows).toEqual([{ a: 'first' }, { a: 'second' }]);
    await Promise.all([store.close(), other.close()]);
  });

  it('reads through an iterator while the same statement runs again', async () => {
    const store = await openStore({ url: ':memory:' });
    await sql`create table lease (name text, holder text, fence bigint, expires_ms bigint)`.execute(store.db);
    await store.db
      .insertInto('lease')
      .values([1, 2, 3].map((fence) => ({ name: `${fence}`, holder: '', fence, expires_ms: 0 })))
      .execute();
    const query = store.db.selectFrom('lease').select('fence').orderBy('fence');
    const seen: number[] = [];

    for await (const row of query.stream()) {
      seen.push(row.fence);
    }

    expect(seen).toEqual([1, 2, 3]);
    expect((await query.execute()).length).toBe(3);
    await store.close();
  });

  it('says data_corrupt for a file that is no database, and data_dir_unusable for a path that is none', async () => {
    const url = join(folder, 'broken.db');
    writeFileSync(url, 'this is not a database, and long enough to be seen as such '.repeat(20));

    await expect(openStore({ url })).rejects.toMatchObject({ code: 'data_corrupt', message: expect.stringContaining(url) });
    await expect(openStore({ url: join(folder, 'missing', 'maru.db') })).rejects.toMatchObject({ code: 'data_dir_unusable' });
  });
});

describe('a PostgreSQL that is not there', () => {
  it('says storage_failed with the reason, not the address', async () => {
    const store = await openStore({ url: 'postgres://user:hidden@127.0.0.1:1/maru' });

    const error: unknown = await sql`select 1`.execute(store.db).catch((reason: unknown) => reason);

    expect(error).toMatchObject({ code: 'storage_failed', message: expect.stringContaining('ECONNREFUSED') });
    expect(String(error)).not.toContain('hidden');
    await store.close();
  });
});
