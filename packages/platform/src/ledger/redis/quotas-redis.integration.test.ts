import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openRedis, type Redis } from '#store';
import { silentLog } from '#telemetry';
import { createSeededIds, createSystemClock } from '#time';
import { describeQuotaStore } from '../../../../../test/conformance/quota-store.ts';
import { startRedis, type TestRedis } from '../../../../../test/integration/start-redis.ts';
import { createMemoryQuotaStore, type WorldStore } from '../__fixtures__/quota-world/memory-quota-store.ts';
import { simulateWorld } from '../__fixtures__/quota-world/world.ts';
import type { QuotaAsk, QuotaStore } from '../quota-store.ts';
import type { EpochHistory } from './limits-epoch.ts';
import { parseRecord } from './quota-record.ts';
import { quotaKey } from './record-commands.ts';
import { createRedisQuotaStore } from './redis-quota-store.ts';
import { createSharedValues, type SharedValues } from './shared-values.ts';

const START_MS = Date.parse('2026-11-21T10:30:00Z');
/** Set MARU_QUOTA_REQUESTS for a longer simulation. */
const REQUESTS = Number(process.env['MARU_QUOTA_REQUESTS'] ?? 1000);

let server: TestRedis;
beforeAll(async () => {
  server = await startRedis();
});
afterAll(() => server.kill());

const open = (): Redis => openRedis({ url: server.url, clock: createSystemClock(), log: silentLog, timeoutMs: 30_000, restMs: 0 });

function createHistory(): EpochHistory {
  let had = false;
  return {
    hadEpoch: () => Promise.resolve(had),
    remember: () => {
      had = true;
      return Promise.resolve();
    },
  };
}

/** The server as it is, but for its clock. */
function atTime(redis: Redis, nowMs: () => number): SharedValues {
  const real = createSharedValues(redis);
  return {
    read: async (keys) => ({ ...(await real.read(keys)), nowMs: nowMs() }),
    swap: async (keys, was, commands) => {
      const changed = await real.swap(keys, was, commands);
      return changed === undefined ? undefined : { ...changed, nowMs: nowMs() };
    },
  };
}

describeQuotaStore('Redis', {
  open: async () => {
    const redis = open();
    await redis.send(['FLUSHALL']);
    let nowMs = START_MS;
    return {
      store: createRedisQuotaStore({ redis, history: createHistory(), ids: createSeededIds(1), values: atTime(redis, () => nowMs) }),
      nowMs: () => nowMs,
      passTime: (ms) => {
        nowMs += ms;
        return Promise.resolve();
      },
      close: () => redis.close(),
    };
  },
  model: createMemoryQuotaStore,
  runs: 50,
});

describe('quotas over three replicas, with rates in Redis and money in another store', () => {
  it(`are never exceeded and refuse nobody falsely through crashes, cuts and wrong clocks (${REQUESTS} requests)`, { timeout: 3_600_000 }, async () => {
    const redis = open();
    await redis.send(['FLUSHALL']);

    const result = await simulateWorld(1, REQUESTS, { openRates: (nowMs) => worldStore(redis, nowMs) });

    expect(result.notes, JSON.stringify(result)).toEqual([]);
    expect([result.overshoots, result.falseRefusals]).toEqual([0, 0]);
    expect(result.requests).toBe(REQUESTS);
    expect(result.admitted).toBeGreaterThan(REQUESTS / 5);
    expect(result.refusedRates).toBeGreaterThan(REQUESTS / 20);
    await redis.close();
  });
});

/** What the simulation looks into without waiting is read after every change. */
function worldStore(redis: Redis, nowMs: () => number): WorldStore {
  const values = atTime(redis, () => Math.floor(nowMs()));
  const quotas = createRedisQuotaStore({ redis, history: createHistory(), ids: createSeededIds(2), values });
  const records = new Map<string, ReturnType<typeof parseRecord>>();
  const refresh = async (ids: readonly string[]): Promise<void> => {
    const snapshot = await values.read(ids.map(quotaKey));
    for (const [index, id] of ids.entries()) records.set(id, parseRecord(snapshot.values[index]));
  };
  const then = async <T>(work: Promise<T>, ids: readonly string[]): Promise<T> => {
    const result = await work;
    await refresh(ids);
    return result;
  };
  return {
    exchange: (asks) =>
      then(
        quotas.exchange(asks),
        asks.map((ask) => ask.id),
      ),
    read: quotas.read,
    recalled: quotas.recalled,
    release: (share) => then(quotas.release(share), [share.id]),
    releaseRuns: (prefix) => then(quotas.releaseRuns(prefix), [...records.keys()]),
    settle: () => Promise.resolve([]),
    grantedTo: (id, startMs, isHolder) =>
      (records.get(id)?.shares ?? []).reduce(
        (sum, share) => sum + (share.startMs === startMs && share.expiresMs > nowMs() && isHolder(share.holder) ? share.granted : 0),
        0,
      ),
  };
}

describe('limits in Redis', () => {
  const RATE = 'rate/key/k/requests';
  const PLACES = 'rate/key/k/concurrent';
  let redis: Redis;
  let history: EpochHistory;
  let aheadMs: number;
  let store: QuotaStore;
  beforeEach(async () => {
    redis = open();
    await redis.send(['FLUSHALL']);
    history = createHistory();
    aheadMs = 0;
    store = another();
  });
  afterEach(() => redis.close());

  /** A process of its own; the clock of the server can be set forward. */
  const another = (seed = 1): QuotaStore => {
    const real = createSharedValues(redis);
    const later = async <T extends { readonly nowMs: number } | undefined>(found: Promise<T>): Promise<T> => {
      const snapshot = await found;
      return snapshot === undefined ? snapshot : { ...snapshot, nowMs: snapshot.nowMs + aheadMs };
    };
    const values: SharedValues = { read: (keys) => later(real.read(keys)), swap: (keys, was, commands) => later(real.swap(keys, was, commands)) };
    return createRedisQuotaStore({ redis, history, ids: createSeededIds(seed), values });
  };
  const ask = (changes: Partial<QuotaAsk> = {}): QuotaAsk => ({
    id: RATE,
    startMs: 0,
    rolling: { stepMs: 1000, steps: 60 },
    holder: 'a#1',
    cap: 10,
    used: [],
    report: [],
    reportNumber: 0,
    needed: 0,
    ttlMs: 80_000,
    saw: 0,
    waitsFor: undefined,
    ...changes,
  });
  const places = (changes: Partial<QuotaAsk> = {}): QuotaAsk => ask({ id: PLACES, rolling: undefined, ...changes });

  it('go by the clock of the server', async () => {
    const before = await createSharedValues(redis).read([]);
    const { nowMs } = await store.exchange([ask({ needed: 1 })]);
    const after = await createSharedValues(redis).read([]);

    expect(nowMs).toBeGreaterThanOrEqual(before.nowMs);
    expect(nowMs).toBeLessThanOrEqual(after.nowMs);
  });

  it('are decided once each, however many processes ask at the same time', async () => {
    const stores = Array.from({ length: 8 }, (_, index) => another(index + 10));
    await store.exchange([ask()]);

    const answers = await Promise.all(
      stores.map((each, index) => each.exchange([ask({ holder: `p${index}#1`, needed: 3 }), places({ holder: `p${index}#1`, needed: 1 })])),
    );

    expect(answers.filter(({ answers: [rate] }) => rate?.verdict === 'granted').length).toBeGreaterThan(0);
    const { uses } = await store.read([RATE, PLACES]);
    expect(uses.get(RATE)?.held[0]?.[1]).toBeLessThanOrEqual(10);
    expect(uses.get(PLACES)?.held[0]?.[1]).toBeLessThanOrEqual(10);
  });

  it('are not looked at while Redis is away, and nobody is refused for them', async () => {
    await store.exchange([ask({ needed: 1 })]);
    await server.kill();

    await expect(store.exchange([ask({ needed: 1 })])).rejects.toMatchObject({ code: 'overloaded', retryAfterS: 1 });
    await expect(store.recalled('a#1')).rejects.toMatchObject({ code: 'overloaded' });
    await server.restart();
  });

  it('that were lost are said again by all, and nothing is granted until what was used before no longer counts', async () => {
    const other = another(2);
    const nowMs = (await store.exchange([ask({ needed: 4 }), places({ needed: 3 })])).nowMs;
    await other.exchange([ask({ holder: 'b#1', needed: 2 })]);
    await server.kill();
    await server.restart();
    while ((await redis.send(['PING']).catch(() => undefined)) !== 'PONG') await createSystemClock().sleep(20);

    // A process that has started since knows it from the database.
    await expect(another(3).exchange([ask({ holder: 'c#1', needed: 1 })])).rejects.toMatchObject({
      code: 'overloaded',
      message: expect.stringContaining('has lost the limits'),
    });
    const told = await store.recalled('a#1');
    expect(told.map(({ id }) => id).sort()).toEqual([PLACES, RATE]);
    const said = await store.exchange([ask({ used: [[nowMs, 4]] }), places({ used: [[0, 3]] })]);
    expect(said.answers.map(({ granted }) => granted)).toEqual([4, 3]);
    expect(await store.recalled('a#1')).toEqual([]);
    expect(await other.recalled('b#1')).toHaveLength(1);

    aheadMs = 62_001;
    const { answers } = await another(4).exchange([places({ holder: 'c#1', needed: 8 })]);
    expect(answers[0]).toMatchObject({ verdict: 'wait', othersGranted: 3 });
    expect((await another(5).exchange([places({ holder: 'c#1', needed: 7 })])).answers[0]).toMatchObject({ verdict: 'granted' });
  });

  it('leave nothing behind when nobody uses them', async () => {
    await store.exchange([ask({ needed: 1, report: [[START_MS, 1]], reportNumber: 1 }), places({ needed: 1 })]);

    for (const id of [RATE, PLACES]) expect(Number(await redis.send(['PTTL', quotaKey(id)]))).toBeGreaterThan(60_000);
    await store.release({ id: PLACES, startMs: 0, holder: 'a#1' });
    expect(Number(await redis.send(['PTTL', quotaKey(PLACES)]))).toBeGreaterThan(60_000);
    expect((await store.read([PLACES])).uses.get(PLACES)?.held).toEqual([]);
  });

  it('keep what was decided when an answer was lost on its way: the same report changes nothing', async () => {
    const { nowMs } = await store.exchange([ask({ needed: 1 })]);
    const reported = ask({ report: [[nowMs, 3]], reportNumber: 7 });

    await store.exchange([reported]);
    const again = await another(9).exchange([reported]);

    expect(again.answers[0]?.spent).toEqual([[nowMs, 3]]);
  });
});
