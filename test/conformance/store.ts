import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createLeases, MIGRATIONS, migrateStore, openStore, type Store } from '../../packages/platform/src/store/index.ts';
import { createFakeClock, type FakeClock } from '../../packages/platform/src/time/index.ts';
import { describeRows } from './store-rows.ts';

/** What the suite needs of a database: an empty one for each test, and a second connection to the same. */
export interface StoreUnderTest {
  readonly store: Store;
  /** Another process's view of the same database, where the kind of database has that. */
  readonly other?: Store;
  remove(): Promise<void>;
}

/** The examination that every kind of store sits. */
export function describeStore(name: string, open: () => Promise<StoreUnderTest>): void {
  describe(`store on ${name}`, () => {
    let underTest: StoreUnderTest;
    let store: Store;
    beforeEach(async () => {
      underTest = await open();
      store = underTest.store;
    });
    afterEach(() => underTest.remove());

    describe('migrations', () => describeMigrations(() => store));
    describe('statements', () => describeStatements(() => store));
    describe('statements for many rows', () => describeRows(() => store));
    describe('leases', () => describeLeases(() => underTest));
  });
}

function describeMigrations(store: () => Store): void {
  const names = Object.keys(MIGRATIONS);
  const upTo = (count: number): typeof MIGRATIONS => Object.fromEntries(Object.entries(MIGRATIONS).slice(0, count));
  const tableNames = async (): Promise<string[]> => (await store().db.introspection.getTables()).map((table) => table.name).sort();

  it('comes from empty to the newest schema, and has nothing to do the second time', async () => {
    expect(await migrateStore(store())).toEqual(names);
    expect(await migrateStore(store())).toEqual([]);
  });

  it.each(names.slice(0, -1).map((name, index) => [name, index + 1] as const))('reaches the same tables from version %s', async (_name, count) => {
    await migrateStore(store(), upTo(count));

    expect(await migrateStore(store())).toEqual(names.slice(count));

    const fresh = await openStore({ url: ':memory:' });
    await migrateStore(fresh);
    expect(await tableNames()).toEqual((await fresh.db.introspection.getTables()).map((table) => table.name).sort());
    await fresh.close();
  });

  it('keeps the rows of the previous version', async () => {
    await migrateStore(store(), upTo(1));
    await store().db.insertInto('lease').values({ name: 'kept', holder: 'a', fence: 7, expires_ms: 1_800_000_000_123 }).execute();

    await migrateStore(store());

    expect(await store().db.selectFrom('lease').selectAll().execute()).toEqual([{ name: 'kept', holder: 'a', fence: 7, expires_ms: 1_800_000_000_123 }]);
  });

  it('leaves the database as it was when a step fails', async () => {
    const broken = {
      '0001-good': (db: Store['db']) => db.schema.createTable('good').addColumn('a', 'text').execute(),
      '0002-bad': (db: Store['db']) => db.schema.dropTable('never_made').execute(),
    };

    await expect(migrateStore(store(), broken)).rejects.toMatchObject({ code: 'migration_failed', message: expect.stringContaining('0002-bad') });

    expect(await tableNames()).not.toContain('good');
    expect(await migrateStore(store())).toEqual(names);
  });

  it('refuses a database that a newer version has written', async () => {
    await migrateStore(store(), { ...MIGRATIONS, '9999-from-the-future': async () => undefined });

    await expect(migrateStore(store())).rejects.toMatchObject({ code: 'migration_failed', details: { unknown: ['9999-from-the-future'] } });
  });
}

function describeStatements(store: () => Store): void {
  const row = (name: string, fence = 1) => ({ name, holder: 'h', fence, expires_ms: 1 });

  beforeEach(async () => void (await migrateStore(store())));

  it('gives counters, sums and nano-dollars back as numbers', async () => {
    const amount = 9_007_199_254_740_000;
    await store()
      .db.insertInto('lease')
      .values([row('a', amount), row('b', 991)])
      .execute();

    const sums = await store()
      .db.selectFrom('lease')
      .select((eb) => [eb.fn.sum('fence').as('sum'), eb.fn.countAll().as('count'), eb.fn.max('fence').as('max')])
      .executeTakeFirstOrThrow();

    expect(sums).toEqual({ sum: amount + 991, count: 2, max: amount });
  });

  it('keeps text as it is: Korean, emoji, quotes, and the empty string', async () => {
    const texts = ['한국어 문장', '😀', `it's "quoted"; drop table lease; --`, ''];
    await store()
      .db.insertInto('lease')
      .values(texts.map((text) => row(text)))
      .execute();

    const found = await store().db.selectFrom('lease').select('name').execute();

    expect(found.map((each) => each.name).sort()).toEqual([...texts].sort());
  });

  it('says conflict when a key is taken, and storage_failed for what it can not do, without values in the message', async () => {
    await store().db.insertInto('lease').values(row('private value')).execute();

    const taken = store().db.insertInto('lease').values(row('private value')).execute();
    const broken = store().db.withTables<{ missing: { a: string } }>().selectFrom('missing').selectAll().where('a', '=', 'private value').execute();

    await expect(taken).rejects.toMatchObject({ code: 'conflict', message: expect.not.stringContaining('private value') });
    await expect(broken).rejects.toMatchObject({ code: 'storage_failed', message: expect.not.stringContaining('private value') });
  });

  it('undoes a transaction that throws', async () => {
    const work = store()
      .db.transaction()
      .execute(async (tx) => {
        await tx.insertInto('lease').values(row('undone')).execute();
        throw new Error('stop');
      });

    await expect(work).rejects.toThrow('stop');
    expect(await store().db.selectFrom('lease').selectAll().execute()).toEqual([]);
  });

  it('does not mix transactions that run at the same time', async () => {
    await store().db.insertInto('lease').values(row('counter', 0)).execute();
    const add = (): Promise<void> =>
      store()
        .db.transaction()
        .execute(async (tx) => {
          await tx
            .updateTable('lease')
            .set((eb) => ({ fence: eb('fence', '+', 1) }))
            .where('name', '=', 'counter')
            .execute();
          await Promise.resolve();
        });

    await Promise.all(Array.from({ length: 25 }, add));

    expect((await store().db.selectFrom('lease').select('fence').executeTakeFirstOrThrow()).fence).toBe(25);
  });

  it('runs one statement many times with other values', async () => {
    for (let index = 0; index < 700; index += 1)
      await store()
        .db.insertInto('lease')
        .values(row(`r${index}`, index))
        .execute();

    const found = await Promise.all([3, 300, 699].map((index) => store().db.selectFrom('lease').select('fence').where('name', '=', `r${index}`).execute()));

    expect(found.flat().map((each) => each.fence)).toEqual([3, 300, 699]);
  });
}

function describeLeases(underTest: () => StoreUnderTest): void {
  let clock: FakeClock;
  beforeEach(async () => {
    await migrateStore(underTest().store);
    clock = createFakeClock();
  });
  const leases = () => createLeases(underTest().store, clock);

  it('gives a lease to one holder at a time', async () => {
    const [first, second] = await Promise.all([leases().acquire('job', 'a', 1000), leases().acquire('job', 'b', 1000)]);

    expect([first, second].filter((lease) => lease !== undefined)).toHaveLength(1);
  });

  it('renews for its holder with the same fence', async () => {
    const first = await leases().acquire('job', 'a', 1000);
    await clock.advance(500);
    const second = await leases().acquire('job', 'a', 1000);

    expect(second).toEqual({ name: 'job', holder: 'a', fence: first?.fence, expiresMs: clock.nowMs() + 1000 });
  });

  it('passes on with a higher fence once it ran out, also to the same holder', async () => {
    const first = await leases().acquire('job', 'a', 1000);
    await clock.advance(1000);
    const second = await leases().acquire('job', 'b', 1000);
    await clock.advance(1000);
    const third = await leases().acquire('job', 'b', 1000);

    expect([first?.fence, second?.fence, third?.fence]).toEqual([1, 2, 3]);
  });

  it('passes on at once after a release, with a higher fence', async () => {
    const first = await leases().acquire('job', 'a', 1000);
    if (first !== undefined) await leases().release(first);

    expect(await leases().acquire('job', 'b', 1000)).toMatchObject({ holder: 'b', fence: 2 });
  });

  it('does not let a late holder release the lease of the next one', async () => {
    const first = await leases().acquire('job', 'a', 1000);
    await clock.advance(1000);
    await leases().acquire('job', 'b', 1000);
    if (first !== undefined) await leases().release(first);

    expect(await leases().acquire('job', 'c', 1000)).toBeUndefined();
  });

  it('refuses the write of a holder that came too late', async () => {
    const lease = await leases().acquire('job', 'a', 1000);
    if (lease === undefined) throw new Error('not acquired');
    await leases().assertHeld(lease);
    await clock.advance(1000);
    await expect(leases().assertHeld(lease)).rejects.toMatchObject({ code: 'lease_lost' });
    await leases().acquire('job', 'b', 1000);

    const write = underTest()
      .store.db.transaction()
      .execute((tx) => leases().assertHeld(lease, tx));

    await expect(write).rejects.toMatchObject({ code: 'lease_lost' });
  });

  it('gives a contended lease to exactly one of two processes', async () => {
    const { store, other = store } = underTest();
    const takers = Array.from({ length: 20 }, (_, index) => createLeases(index % 2 === 0 ? store : other, clock).acquire('job', `holder-${index}`, 1000));

    const held = (await Promise.all(takers)).filter((lease) => lease !== undefined);

    expect(held).toHaveLength(1);
  });
}
