import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { type AddressInfo, connect, createServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { migrateStore, openStore, type Store } from '#store';
import { silentLog } from '#telemetry';
import { createFakeClock, createSystemClock } from '#time';
import { createDatabaseStore } from './database-store.ts';
import { createRedisStore } from './redis-store.ts';

const bytes = Buffer.from([0, 1, 255, 10, 13, 0xeb, 0x82, 0x98]);

describe('the store in the database', () => {
  let store: Store;
  beforeAll(async () => {
    store = await openStore({ url: ':memory:' });
    await migrateStore(store);
  });
  afterAll(() => store.close());

  it('gives back the bytes until their time is over', async () => {
    const clock = createFakeClock(1000);
    const answers = createDatabaseStore({ store, clock, maxBytes: 10_000 });
    await answers.set('a', bytes, { tenant: 't', expiresMs: 1100 });
    await answers.set('a', Buffer.concat([bytes, bytes]), { tenant: 't', expiresMs: 1200 });

    expect(await answers.get('a')).toEqual(Buffer.concat([bytes, bytes]));
    expect(await answers.get('b')).toBeUndefined();
    await clock.advance(200);
    expect(await answers.get('a')).toBeUndefined();
  });

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

const hasRedis = spawnSync('redis-server', ['--version']).status === 0;

describe.runIf(hasRedis)('the store in Redis', () => {
  let server: ChildProcess;
  let port: number;
  beforeAll(async () => {
    port = await freePort();
    server = spawn('redis-server', ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'], { stdio: 'ignore' });
    await listening(port);
  });
  afterAll(() => void server.kill('SIGKILL'));

  it('gives back the bytes, and keeps them no longer than said', async () => {
    const clock = createSystemClock();
    const answers = createRedisStore({ url: `redis://127.0.0.1:${port}`, clock, log: silentLog, timeoutMs: 5000 });
    await answers.set('a', bytes, { tenant: 't', expiresMs: clock.nowMs() + 60_000 });
    await answers.set('late', bytes, { tenant: 't', expiresMs: clock.nowMs() - 1 });

    expect(await answers.get('a')).toEqual(bytes);
    expect(await answers.get('b')).toBeUndefined();
    expect(await answers.get('late')).toBeUndefined();
    await answers.close();
  });
});

describe('a Redis that is not there', () => {
  it('is an error that names it, and is left alone for a while', async () => {
    const clock = createFakeClock(0);
    const answers = createRedisStore({ url: `redis://127.0.0.1:${await freePort()}`, clock, log: silentLog });

    await expect(answers.get('a')).rejects.toMatchObject({ code: 'storage_failed', message: 'the cache in Redis can not be used' });
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

async function listening(port: number): Promise<void> {
  for (;;) {
    const open = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => resolve(true));
      socket.once('error', () => resolve(false));
      socket.once('connect', () => socket.destroy());
    });
    if (open) return;
    await createSystemClock().sleep(20);
  }
}
