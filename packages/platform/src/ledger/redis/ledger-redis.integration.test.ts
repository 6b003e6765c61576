import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isPlatformError } from '@maru/api/errors';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { migrateStore, openRedis, openSpool, openStore, type Redis, type Store } from '#store';
import { silentLog } from '#telemetry';
import { createIds, createSystemClock } from '#time';
import { startRedis, type TestRedis } from '../../../../../test/integration/start-redis.ts';
import { askFor, factsOf, tenantOf } from '../__fixtures__/open-ledger.ts';
import { createLedger, type Ledger } from '../ledger.ts';
import type { Principal } from '../principal.ts';

const clock = createSystemClock();
const ids = createIds(clock.nowMs);
let server: TestRedis;
beforeAll(async () => {
  server = await startRedis();
});
afterAll(() => server.kill());

describe('a ledger with limits in Redis', () => {
  const folder = mkdtempSync(join(tmpdir(), 'maru-limits-'));
  let store: Store;
  let closing: (() => Promise<void>)[];
  beforeEach(async () => {
    store = await openStore({ url: ':memory:' });
    await migrateStore(store);
    closing = [];
    const redis = connect();
    await redis.send(['FLUSHALL']);
    await redis.close();
  });
  afterEach(async () => {
    for (const close of closing.reverse()) await close();
    await store.close();
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const connect = (): Redis => openRedis({ url: server.url, clock, log: silentLog, timeoutMs: 30_000, restMs: 0 });
  const start = async (holder: string): Promise<Ledger> => {
    const limitsRedis = connect();
    const spool = openSpool({ path: join(folder, holder), log: silentLog });
    const ledger = await createLedger({ store, spool, clock, ids, log: silentLog, masterKey: 'sk-master-for-tests', holder, limitsRedis });
    ledger.setTenants([
      tenantOf('limited', { limits: { requestsPerMinute: 10, concurrentRequests: 4 } }),
      tenantOf('paying', { budgets: [{ usd: 100 }] }),
      tenantOf('both', { limits: { requestsPerMinute: 10 }, budgets: [{ usd: 5 }] }),
    ]);
    closing.push(async () => {
      await ledger.close();
      await spool.close();
      await limitsRedis.close();
    });
    return ledger;
  };
  const keyOf = async (ledger: Ledger, tenant: string): Promise<Principal> => {
    const { secret } = await ledger.createKey({ tenant, name: tenant });
    return ledger.authenticate(secret);
  };

  it('never admits more than the limit over two processes, however they share it', async () => {
    const [first, second] = [await start('a'), await start('b')];
    const key = await keyOf(first, 'limited');
    const ledgers = [first, second];
    let admitted = 0;
    const turn = async (ledger: Ledger): Promise<void> => {
      try {
        ledger.settle(await ledger.admit(key, askFor(1)), factsOf(1));
        admitted += 1;
      } catch (error) {
        // A process that is slow to answer lets others wait, and never lets them have too much.
        if (!isPlatformError(error, 'overloaded')) expect(error).toMatchObject({ code: 'rate_limited' });
      }
    };
    while (admitted < 10) await Promise.all(ledgers.map(turn));
    for (let more = 0; more < 5; more += 1) await Promise.all(ledgers.map(turn));

    expect(admitted).toBe(10);
  });

  it('gives the rate back when the budget refuses: nobody holds a part while waiting for the rest', async () => {
    const [first, second] = [await start('a'), await start('b')];
    const key = await keyOf(first, 'both');

    await expect(first.admit(key, askFor(6))).rejects.toMatchObject({ code: 'quota_exceeded' });
    for (let turn = 0; turn < 4; turn += 1) await first.admit(key, askFor(1));

    await untilAdmitted(() => second.admit(key, askFor(1)));
    await expect(second.admit(key, askFor(1))).rejects.toMatchObject({ code: 'quota_exceeded' });
  });

  it('refuses nobody for a limit while Redis is away; what has none goes on, and all goes on when it is back', async () => {
    const ledger = await start('a');
    const [limited, paying] = [await keyOf(ledger, 'limited'), await keyOf(ledger, 'paying')];
    ledger.settle(await ledger.admit(limited, askFor(1)), factsOf(1));
    await server.kill();

    ledger.settle(await ledger.admit(paying, askFor(1)), factsOf(1));
    const other = await start('b');
    await expect(other.admit(limited, askFor(1))).rejects.toMatchObject({ code: 'overloaded', retryAfterS: 1 });
    other.settle(await other.admit(paying, askFor(1)), factsOf(1));

    await server.restart();
    // It has lost what it kept, and says so until a minute is over.
    const refusal = await until(() => other.admit(limited, askFor(1)), 'has lost the limits');
    expect(refusal).toMatchObject({ code: 'overloaded' });
    await ledger.flush();
    await other.flush();
    expect((await ledger.budgetStates()).find(({ owner }) => owner === 'paying')?.spentNanoUsd).toBe(2_000_000_000);
  });
});

/** A process that is slow to answer lets others wait: they ask again. */
async function untilAdmitted(work: () => Promise<unknown> | unknown): Promise<void> {
  for (let isAdmitted = false; !isAdmitted; ) {
    try {
      await work();
      isAdmitted = true;
    } catch (error) {
      if (!isPlatformError(error)) throw error;
    }
  }
}

/** What is thrown once it says so. */
async function until(work: () => Promise<unknown> | unknown, words: string): Promise<unknown> {
  for (;;) {
    try {
      await work();
    } catch (error) {
      if (error instanceof Error && error.message.includes(words)) return error;
    }
    await clock.sleep(20);
  }
}
