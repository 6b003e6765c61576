import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Usage } from '@maru/api/records';
import { API_VERSION, type Tenant, type TenantSpec } from '@maru/api/resources';
import { migrateStore, openSpool, openStore, type Spool, type Store } from '#store';
import { silentLog } from '#telemetry';
import { createFakeClock, createSeededIds, type FakeClock } from '#time';
import { type ChargeFacts, createLedger, type Ledger, type LedgerOptions } from '../ledger.ts';

export interface TestLedger {
  readonly ledger: Ledger;
  readonly store: Store;
  readonly spool: Spool;
  readonly clock: FakeClock;
  readonly folder: string;
  /** Another start on the same store and spool folder, as after a crash: the first one is not closed. */
  restart(options?: Partial<LedgerOptions>): Promise<Ledger>;
  remove(): Promise<void>;
}

/** A whole ledger on a real database in memory and a real spool in a temporary folder. */
export async function openTestLedger(options: Partial<LedgerOptions> & { startMs?: number } = {}): Promise<TestLedger> {
  const folder = mkdtempSync(join(tmpdir(), 'maru-ledger-'));
  const clock = createFakeClock(options.startMs ?? Date.parse('2026-11-21T10:30:00Z'));
  const store = options.store ?? (await openStore({ url: ':memory:' }));
  if (options.store === undefined) await migrateStore(store);
  const spool = openSpool({ path: folder, log: silentLog });
  const base: LedgerOptions = { store, spool, clock, ids: createSeededIds(7), log: silentLog, masterKey: 'sk-master-for-tests', ...options };
  const opened: Ledger[] = [await createLedger(base)];
  let restarts = 0;
  return {
    ledger: opened[0] as Ledger,
    store,
    spool,
    clock,
    folder,
    async restart(changes = {}) {
      restarts += 1;
      const ids = createSeededIds(100 + restarts);
      // Seeded ids begin anew with every start; real ones never repeat.
      const unique = { ...ids, next: (prefix: string) => `${ids.next(prefix)}_${restarts}` };
      const next = await createLedger({ ...base, ids: unique, spool: openSpool({ path: folder, log: silentLog }), ...changes });
      opened.push(next);
      return next;
    },
    async remove() {
      for (const ledger of opened) await ledger.close();
      await spool.close();
      await store.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export const usageOf = (values: Partial<Usage>): Usage => ({ inputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0, outputTokens: 0, reasoningTokens: 0, ...values });

/** One token costs one dollar on this price: amounts in tests read as dollars. */
const DOLLAR_PER_TOKEN = { inputUsdPerMillion: 1_000_000, outputUsdPerMillion: 1_000_000 };

/** A request that may cost this many dollars. */
export const askFor = (dollars: number, requestedModel = 'auto') => ({
  requestedModel,
  estimate: usageOf({ inputTokens: dollars }),
  prices: [{ provider: 'vllm', model: 'm', price: DOLLAR_PER_TOKEN }],
});

/** A call that did cost this many dollars. */
export const factsOf = (dollars: number, changes: Partial<ChargeFacts> = {}): ChargeFacts => ({
  requestId: 'req_1',
  traceId: 'a'.repeat(32),
  model: 'm',
  endpoint: 'm-0',
  provider: 'vllm',
  servedName: 'm',
  simulated: false,
  usage: usageOf({ inputTokens: dollars }),
  outcome: 'ok',
  price: DOLLAR_PER_TOKEN,
  ...changes,
});

export const tenantOf = (name: string, spec: Partial<Omit<TenantSpec, 'budgets'>> & { budgets?: readonly Partial<TenantSpec['budgets'][number]>[] } = {}): Tenant => ({
  apiVersion: API_VERSION,
  kind: 'Tenant',
  metadata: { name },
  spec: { level: 'team', blocked: false, contacts: [], guardrails: [], ...spec, budgets: (spec.budgets ?? []).map((budget) => ({ usd: 1, window: 'month', mode: 'hard', warnAtPercent: 80, ...budget })) },
});

/** Lets time pass until a promise is settled: what waits for other replicas waits on the clock. */
export async function whileTimeGoesOn<T>(clock: FakeClock, work: Promise<T>): Promise<T> {
  let done = false;
  const watched = work.finally(() => {
    done = true;
  });
  watched.catch(() => undefined);
  for (let turn = 0; turn < 2000 && !done; turn += 1) await clock.advance(turn < 5 ? 0 : 10);
  return watched;
}
