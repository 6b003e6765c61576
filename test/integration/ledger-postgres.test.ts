import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ZERO_USAGE } from '@maru/api/records';
import { API_VERSION, type Tenant } from '@maru/api/resources';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createLedger, type Ledger } from '../../packages/platform/src/ledger/index.ts';
import { migrateStore, openSpool, openStore, type Spool, type Store } from '../../packages/platform/src/store/index.ts';
import { silentLog } from '../../packages/platform/src/telemetry/index.ts';
import { createIds, createSystemClock } from '../../packages/platform/src/time/index.ts';
import { startPostgres, type TestPostgres } from './start-postgres.ts';

const REPLICAS = ['a', 'b', 'c'];
const CAP = 200;

/** One token costs one dollar: amounts read as dollars. */
const price = { inputUsdPerMillion: 1_000_000, outputUsdPerMillion: 0 };
const usageOf = (dollars: number) => ({ ...ZERO_USAGE, inputTokens: dollars });
const askFor = (dollars: number) => ({ requestedModel: 'auto', estimate: usageOf(dollars), prices: [{ provider: 'vllm', model: 'm', price }] });
const factsOf = (dollars: number) => ({
  requestId: 'req_1',
  traceId: 'a'.repeat(32),
  model: 'm',
  endpoint: 'm-0',
  provider: 'vllm',
  servedName: 'm',
  simulated: false,
  usage: usageOf(dollars),
  outcome: 'ok' as const,
  agent: 'guide',
  price,
});
const TENANT: Tenant = {
  apiVersion: API_VERSION,
  kind: 'Tenant',
  metadata: { name: 'default' },
  spec: {
    level: 'team',
    blocked: false,
    contacts: [],
    guardrails: [],
    budgets: [
      { usd: CAP, window: 'month', mode: 'hard', warnAtPercent: 80 },
      { usd: 10, window: 'day', mode: 'soft', warnAtPercent: 80 },
    ],
  },
};

interface Replica {
  readonly ledger: Ledger;
  readonly store: Store;
  readonly spool: Spool;
}

let postgres: TestPostgres;
let folder: string;
let replicas: readonly Replica[];
beforeAll(async () => {
  postgres = await startPostgres();
  folder = mkdtempSync(join(tmpdir(), 'maru-ledger-pg-'));
  const url = await postgres.createDatabase();
  // Who lacks something waits for the others: time must go on.
  const clock = createSystemClock();
  replicas = await Promise.all(
    REPLICAS.map(async (holder) => {
      const store = await openStore({ url, poolSize: 4 });
      await migrateStore(store);
      const spool = openSpool({ path: join(folder, holder), log: silentLog });
      const ledger = await createLedger({ store, spool, clock, ids: createIds(() => clock.nowMs()), log: silentLog, masterKey: 'sk-master-for-tests' });
      ledger.setTenants([TENANT]);
      return { store, spool, ledger };
    }),
  );
});
afterAll(async () => {
  for (const { ledger, spool, store } of replicas) {
    await ledger.close();
    await spool.close();
    await store.close();
  }
  rmSync(folder, { recursive: true, force: true });
  await postgres.stop();
});

describe('ledger on PostgreSQL', () => {
  it('shares one budget between three processes at full speed: never over the cap, spent to the end, sums equal', async () => {
    let acknowledged = 0;
    let refused = 0;
    await Promise.all(
      replicas.map(async ({ ledger }) => {
        const principal = await ledger.authenticate('sk-master-for-tests');
        for (let count = 0; count < 150; count += 1) {
          try {
            const reservation = await ledger.admit(principal, askFor(2));
            acknowledged += (ledger.settle(reservation, factsOf(1 + (count % 2)))?.costNanoUsd ?? 0) / 1e9;
            if (count % 10 === 0) await ledger.flush();
          } catch (error) {
            expect(error).toMatchObject({ code: 'quota_exceeded' });
            refused += 1;
          }
        }
      }),
    );
    await Promise.all(replicas.map(({ ledger }) => ledger.flush()));

    expect(acknowledged).toBeLessThanOrEqual(CAP);
    expect(acknowledged).toBeGreaterThan(CAP - 3 * 3);
    expect(refused).toBeGreaterThan(100);
    const [first] = replicas;
    // Each process has found a name of its own.
    const holders = await first?.store.db.selectFrom('quota_slice').select('holder').distinct().execute();
    expect(holders?.length).toBe(REPLICAS.length);
    for (const by of ['total', 'model', 'day', 'hour', 'tenant', 'agent'] as const)
      expect(await first?.ledger.spend({ by })).toEqual([expect.objectContaining({ costNanoUsd: acknowledged * 1e9 })]);
    const states = await first?.ledger.budgetStates();
    expect(states?.map((state) => [state.id, state.spentNanoUsd])).toEqual([
      ['tenant/default/month', acknowledged * 1e9],
      ['tenant/default/day/soft', acknowledged * 1e9],
    ]);
  });

  it('pages through charges', async () => {
    const [first] = replicas;
    let cursor: string | undefined;
    const seen = new Set<string>();
    let pages = 0;
    do {
      const page = await first?.ledger.charges({ limit: 50, cursor, filters: { agent: 'guide' } });
      for (const charge of page?.charges ?? []) seen.add(charge.id);
      cursor = page?.nextCursor;
      pages += 1;
    } while (cursor !== undefined);

    expect(seen.size).toBe((await first?.ledger.spend({ by: 'total' }))?.[0]?.requests);
    expect(pages).toBeGreaterThan(1);
  });

  it('knows a key in every process, and its revocation after half a minute', async () => {
    const [first, second] = replicas;
    const made = await first?.ledger.createKey({
      tenant: 'default',
      name: 'shared',
      models: ['auto'],
      budgets: [{ usd: 1 }],
      limits: { requestsPerMinute: 9 },
    });

    expect(await second?.ledger.authenticate(made?.secret ?? '')).toMatchObject({ keyId: made?.key.id, models: ['auto'], limits: { requestsPerMinute: 9 } });
    expect(await second?.ledger.listKeys()).toEqual([made?.key]);
    await second?.ledger.revokeKey(made?.key.id ?? '');
    await expect(Promise.resolve().then(() => first?.ledger.authenticate(made?.secret ?? ''))).rejects.toMatchObject({ code: 'key_revoked' });
  });
});
