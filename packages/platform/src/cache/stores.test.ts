import { type AddressInfo, createServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { migrateStore, openStore, type Store } from '#store';
import { silentLog } from '#telemetry';
import { createFakeClock } from '#time';
import { describeAnswerStore } from '../../../../test/conformance/answer-store.ts';
import { createDatabaseStore } from './database-store.ts';
import { createMemoryStore } from './memory-store.ts';
import { createRedisStore } from './redis-store.ts';

describeAnswerStore('memory', () => {
  const clock = createFakeClock(1000);
  const store = createMemoryStore({ clock, maxBytes: 1_000_000 });
  return Promise.resolve({ store, nowMs: clock.nowMs, passTime: (ms) => clock.advance(ms), close: () => store.close() });
});

describeAnswerStore('database', async () => {
  const clock = createFakeClock(1000);
  const database = await openStore({ url: ':memory:' });
  await migrateStore(database);
  const store = createDatabaseStore({ store: database, clock, maxBytes: 1_000_000 });
  return {
    store,
    nowMs: clock.nowMs,
    passTime: (ms) => clock.advance(ms),
    close: async () => {
      await store.close();
      await database.close();
    },
  };
});

describe('the store in the database', () => {
  let store: Store;
  beforeAll(async () => {
    store = await openStore({ url: ':memory:' });
    await migrateStore(store);
  });
  afterAll(() => store.close());

  it('stays within its room', async () => {
    const clock = createFakeClock(10_000);
    const answers = createDatabaseStore({ store, clock, maxBytes: 20_000 });
    for (let index = 0; index < 256; index += 1) {
      await clock.advance(1);
      await answers.set(`k${index}`, Buffer.alloc(200), { tenant: 't', expiresMs: 99_999_999 });
    }

    const { total } = await store.db
      .selectFrom('cache_entry')
      .select((eb) => eb.fn.sum<number>('size_bytes').as('total'))
      .executeTakeFirstOrThrow();
    expect(total).toBeLessThanOrEqual(20_000);
    expect(await answers.get('k255')).toBeDefined();
    expect(await answers.get('k0')).toBeUndefined();
  });
});

describe('a Redis that is not there', () => {
  it('is an error that names it, and is left alone for a while', async () => {
    const clock = createFakeClock(0);
    const answers = createRedisStore({ url: `redis://127.0.0.1:${await freePort()}`, clock, log: silentLog });

    await expect(answers.get('a')).rejects.toMatchObject({ code: 'storage_failed', message: 'Redis can not be used' });
    await expect(answers.get('a')).rejects.toMatchObject({ message: 'Redis did not answer a moment ago' });
    await answers.close();
  });
});

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
