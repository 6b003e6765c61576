import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createSystemClock } from '#time';
import { describeQuotaStore } from '../../../../test/conformance/quota-store.ts';
import { startPostgres, type TestPostgres } from '../../../../test/integration/start-postgres.ts';
import { openVirtualPostgres, type VirtualPostgres } from '../../../../test/integration/virtual-postgres.ts';
import { createMemoryQuotaStore, type WorldStore } from './__fixtures__/quota-world/memory-quota-store.ts';
import { simulateWorld } from './__fixtures__/quota-world/world.ts';
import { settleBatch } from './settle-batch.ts';
import { createSqlQuotaStore } from './sql-quota-store.ts';

const START_MS = Date.parse('2026-11-21T10:30:00Z');
/** Set MARU_QUOTA_REQUESTS for a longer simulation. */
const REQUESTS = Number(process.env['MARU_QUOTA_REQUESTS'] ?? 2000);

let postgres: TestPostgres;
beforeAll(async () => {
  postgres = await startPostgres();
});
afterAll(() => postgres.stop());

describeQuotaStore('PostgreSQL', {
  open: async () => {
    const database = await openVirtualPostgres(postgres);
    let nowMs = START_MS;
    await database.setClock(nowMs);
    return {
      store: createSqlQuotaStore(database.store, createSystemClock()),
      nowMs: () => nowMs,
      passTime: (ms) => {
        nowMs += ms;
        return database.setClock(nowMs);
      },
      close: database.close,
    };
  },
  model: createMemoryQuotaStore,
  runs: 20,
});

describe('quotas over three replicas on PostgreSQL', () => {
  it(`are never exceeded and refuse nobody falsely through crashes, cuts and wrong clocks (${REQUESTS} requests)`, { timeout: 3_600_000 }, async () => {
    const database = await openVirtualPostgres(postgres);

    const result = await simulateWorld(1, REQUESTS, { open: (nowMs) => worldStore(database, nowMs) });

    expect(result.notes, JSON.stringify(result)).toEqual([]);
    expect([result.overshoots, result.falseRefusals]).toEqual([0, 0]);
    expect(result.requests).toBe(REQUESTS);
    expect(result.admitted).toBeGreaterThan(REQUESTS / 5);
    expect(result.refusedRates).toBeGreaterThan(REQUESTS / 20);
    await database.close();
  });
});

interface SliceRow {
  readonly quota_id: string;
  readonly start_ms: number;
  readonly holder: string;
  readonly granted: number;
  readonly expires_ms: number;
}

/** The tables of a real database, which the simulation can look into without waiting: what they hold is read after every change. */
function worldStore(database: VirtualPostgres, nowMs: () => number): WorldStore {
  const quotas = createSqlQuotaStore(database.store, createSystemClock());
  let slices: readonly SliceRow[] = [];
  const atThisTime = async <T>(work: () => Promise<T>, changes: boolean): Promise<T> => {
    await database.setClock(nowMs());
    const result = await work();
    if (changes)
      slices = (await database.query<Record<keyof SliceRow, string>>('select quota_id, start_ms, holder, granted, expires_ms from quota_slice')).map((row) => ({
        quota_id: row.quota_id,
        holder: row.holder,
        start_ms: Number(row.start_ms),
        granted: Number(row.granted),
        expires_ms: Number(row.expires_ms),
      }));
    return result;
  };
  return {
    exchange: (asks) => atThisTime(() => quotas.exchange(asks), true),
    read: (ids) => atThisTime(() => quotas.read(ids), false),
    // Asked ten times a second, and the only one that does not look at the clock.
    recalled: quotas.recalled,
    release: (share) => atThisTime(() => quotas.release(share), true),
    releaseRuns: (prefix) => atThisTime(() => quotas.releaseRuns(prefix), true),
    settle: (records, holder) => atThisTime(() => settleBatch(database.store, records, holder), true),
    grantedTo: (id, startMs, isHolder) =>
      slices.reduce(
        (sum, row) => sum + (row.quota_id === id && row.start_ms === startMs && row.expires_ms > nowMs() && isHolder(row.holder) ? row.granted : 0),
        0,
      ),
  };
}
