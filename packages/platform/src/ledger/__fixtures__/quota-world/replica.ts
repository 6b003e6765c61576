import { PlatformError } from '@maru/api/errors';
import type { Tenant } from '@maru/api/resources';
import type { AccountStore } from '../../account-store.ts';
import { createAccounts } from '../../accounts.ts';
import { type Admission, createAdmission } from '../../admission.ts';
import type { ChargeRecord } from '../../charge-record.ts';
import type { Quota } from '../../quota.ts';
import { createQuotaKeepers } from '../../quota-keepers.ts';
import { createQuotaShares, type QuotaShares } from '../../quota-shares.ts';
import type { QuotaStore } from '../../quota-store.ts';
import type { AccountChange } from '../../add-to-budgets.ts';
import { createSettlement, type Settlement } from '../../settlement.ts';
import { createTurns } from '../../turns.ts';
import type { Spool } from '#store';
import { silentLog } from '#telemetry';
import type { Clock, Ids } from '#time';

/** The store as one replica reaches it. */
export interface QuotaBackend extends QuotaStore {
  settle(records: readonly ChargeRecord[], holder: string): Promise<readonly AccountChange[]>;
  /** What the store has taken as spent, and the replica has not heard of: the answer is on its way, or was lost. */
  unheard(quotaId: string, bucketStartMs: number): number;
}

const RESERVATION_MS = 60_000;
export const TTL_MS = 150_000;
const PRICE_NANO = 1000;

/** One run of one process, with the code of the ledger as it is. */
export interface Replica {
  readonly run: string;
  readonly admission: Admission;
  readonly shares: QuotaShares;
  readonly settlement: Settlement;
  /** What the store has taken as spent out of a share, and the replica has not heard of. */
  unheard(quota: Pick<Quota, 'id' | 'unit'>, bucketStartMs: number): number;
  /** Settles what an earlier run left, then gives back its shares. */
  begin(): Promise<void>;
}

export interface ReplicaOptions {
  readonly name: string;
  readonly run: string;
  readonly backend: QuotaBackend;
  /** Keeps rates and places; the backend where absent. */
  readonly rates: QuotaBackend | undefined;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly spool: Spool;
  readonly tenants: readonly Tenant[];
}

export function createReplica({ name, run, backend, rates, clock, ids, spool, tenants }: ReplicaOptions): Replica {
  const turns = createTurns();
  const shares = createQuotaShares({
    keepers: createQuotaKeepers({ money: backend, rates }, clock),
    clock,
    log: silentLog,
    turns,
    holder: run,
    ttlMs: TTL_MS,
    reservationMs: RESERVATION_MS,
  });
  const accounts = createAccounts({ accounts: NO_ACCOUNTS, clock });
  accounts.setTenants(tenants);
  const prices = { priceOf: (usage: { readonly inputTokens: number }) => ({ costNanoUsd: usage.inputTokens * PRICE_NANO, source: 'simulation' }) };
  const admission = createAdmission({ accounts, shares, prices, clock, reservationMs: RESERVATION_MS });
  const settlement = createSettlement({
    spool,
    clock,
    ids,
    log: silentLog,
    shares,
    turns,
    settleBatch: (records) => backend.settle(records, run),
    budgets: () => [],
  });
  const tidy = (): void => {
    clock.schedule(5000, () => {
      admission.expire();
      shares.releaseIdle(30_000).then(tidy, tidy);
    });
  };
  return {
    run,
    admission,
    shares,
    settlement,
    unheard: ({ id, unit }, bucketStartMs) => (unit === 'nano-usd' ? backend : (rates ?? backend)).unheard(id, bucketStartMs),
    async begin() {
      await settlement.flush();
      await backend.releaseRuns(`${name}#`);
      await rates?.releaseRuns(`${name}#`);
      tidy();
    },
  };
}

const NO_ACCOUNTS: AccountStore = {
  put: () => Promise.reject(new PlatformError('not_supported', { message: 'the simulation has no accounts of the API' })),
  byIds: () => Promise.resolve([]),
  list: () => Promise.resolve([]),
  remove: () => Promise.resolve(false),
};

/** The spool of one run on a disk that outlives it: what a dead run was settling stands in nobody's way. */
export function createMemorySpool(records: Uint8Array[]): Spool {
  let draining: Promise<unknown> = Promise.resolve();
  const drainOnce = async (handler: Parameters<Spool['drain']>[0], max: number): Promise<number> => {
    const batch = records.slice(0, max);
    if (batch.length === 0) return 0;
    await handler(batch);
    records.splice(0, batch.length);
    return batch.length;
  };
  const append: Spool['append'] = (record) => void records.push(typeof record === 'string' ? Buffer.from(record) : record);
  return {
    path: 'memory',
    append,
    appendSoon(record, { done }) {
      append(record);
      done(undefined);
    },
    drain(handler, max) {
      const next = draining.then(() => drainOnce(handler, max));
      draining = next.catch(() => undefined);
      return next;
    },
    backlogBytes: () => records.reduce((sum, record) => sum + record.length, 0),
    close: () => Promise.resolve(),
  };
}
