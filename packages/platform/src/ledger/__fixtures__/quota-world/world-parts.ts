import { PlatformError } from '@maru/api/errors';
import { type Charge, ZERO_USAGE } from '@maru/api/records';
import type { Tenant } from '@maru/api/resources';
import { accountOfTenant } from '../../account.ts';
import { createScope } from '../../account-scope.ts';
import type { AccountChange } from '../../add-to-budgets.ts';
import type { Principal } from '../../principal.ts';
import type { Quota } from '../../quota.ts';
import { type Bucket, counts } from '../../quota-store.ts';
import type { Ids } from '#time';
import type { WorldStore } from './memory-quota-store.ts';
import type { QuotaBackend, Replica } from './replica.ts';
import type { VirtualTime } from './virtual-time.ts';

const known = new WeakMap<Principal, readonly Quota[]>();

/** Every quota that a request of a key takes from. */
export function quotasOf(principal: Principal, tenants: readonly Tenant[]): readonly Quota[] {
  let quotas = known.get(principal);
  if (quotas === undefined) {
    const accounts = tenants.toReversed().map(accountOfTenant);
    quotas = createScope({ principal, accounts, endUser: undefined, tags: undefined, groups: new Map() }).quotas('auto');
    known.set(principal, quotas);
  }
  return quotas;
}

/** What stays used of an amount when its request ends with so many tokens. */
export function keptOf(quota: Quota, amount: number, used: number): number {
  if (quota.unit === 'requests') return amount;
  if (quota.unit === 'concurrent') return 0;
  return quota.unit === 'nano-usd' ? used * 1000 : used;
}

/** What the truth counts of a replica's share that the store does not know as spent. */
export function countedUse(replica: Replica, quota: Quota, at: { readonly startMs: number; readonly dead: boolean; readonly nowMs: number }): number {
  const share = replica.shares.find(quota.id, at.startMs);
  let used = 0;
  for (const bucket of share?.buckets ?? []) {
    if (quota.rolling !== undefined && !counts(quota, bucket.startMs, at.nowMs)) continue;
    // Money that was held by a process that died was never spent, and its places are free.
    const pendingCounts = !at.dead || (quota.unit !== 'nano-usd' && quota.unit !== 'concurrent');
    // What the store has taken already is no longer in what it has granted.
    used += Math.max(0, bucket.final - replica.unheard(quota, bucket.startMs)) + (pendingCounts ? bucket.pending : 0);
  }
  return used;
}

export function chargeOf(id: string, costNanoUsd: number): Charge {
  return {
    id,
    requestId: id,
    traceId: '0'.repeat(32),
    atMs: 0,
    payer: { tenant: 'team', keyId: 'k' },
    requestedModel: 'auto',
    model: 'm',
    endpoint: 'e',
    provider: 'p',
    simulated: true,
    usage: ZERO_USAGE,
    costNanoUsd,
    priceSource: 'simulation',
    outcome: 'ok',
  };
}

export const uniqueIds = (ids: Ids, run: string): Ids => ({ ...ids, next: (prefix) => `${ids.next(prefix)}_${run}` });

interface Way {
  readonly store: WorldStore;
  readonly machine: { readonly name: string; readonly cutUntilMs: number; lastCutMs: number };
  readonly alive: { readonly value: boolean };
  readonly time: VirtualTime;
  readonly random: () => number;
}

/** The way of one machine to the store: it takes time, now and then much, and it can be cut on the way there or on the way back. */
export function reach({ store, machine, alive, time, random }: Way): QuotaBackend {
  const isCut = (): boolean => {
    const cut = time.nowMs() < machine.cutUntilMs;
    if (cut) machine.lastCutMs = time.nowMs();
    return cut;
  };
  const latencyMs = (): number => (random() < 0.01 ? random() * 250 : 0.5 + random() * 4);
  const call = <T>(work: () => Promise<T>, losesAnswers: boolean): Promise<T> =>
    new Promise((resolve, reject) => {
      const fail = (): void => {
        if (alive.value) reject(new PlatformError('storage_failed', { message: `${machine.name} does not reach the store` }));
      };
      const wasCut = isCut();
      time.at(latencyMs(), () => {
        // A process that died in between has sent its statement, or has not.
        if (wasCut || isCut() || (!alive.value && random() < 0.5)) {
          fail();
          return;
        }
        const done = time.during(work());
        // Heard further down, where it may have been lost.
        done.catch(() => undefined);
        time.at(latencyMs(), () => {
          if (losesAnswers && isCut()) fail();
          else if (alive.value) done.then(resolve, reject);
        });
      });
    });
  /** Amounts by quota, then by beginning of their step or window; those of reports stand apart, since a report may come twice. */
  const charges = new Map<string, Map<number, number>>();
  const reports = new Map<string, readonly Bucket[]>();
  const chargeUnheard = (changes: readonly AccountChange[], sign: 1 | -1): void => {
    for (const { budgetId, windowStartMs, addedNanoUsd } of changes) {
      const amounts = charges.get(budgetId) ?? new Map<number, number>();
      charges.set(budgetId, amounts.set(windowStartMs, (amounts.get(windowStartMs) ?? 0) + sign * addedNanoUsd));
    }
  };
  return {
    unheard: (quotaId, bucketStartMs) =>
      (charges.get(quotaId)?.get(bucketStartMs) ?? 0) + (reports.get(quotaId)?.find(([startMs]) => startMs === bucketStartMs)?.[1] ?? 0),
    async exchange(asks) {
      const exchanged = async () => {
        const given = await store.exchange(asks);
        for (const { id, report } of asks) if (report.length > 0) reports.set(id, report);
        return given;
      };
      const given = await call(exchanged, true);
      for (const { id } of asks) reports.delete(id);
      return given;
    },
    read: (ids) => call(() => store.read(ids), true),
    recalled: (holder) => call(() => store.recalled(holder), true),
    release: (share) => call(() => store.release(share), true),
    releaseRuns: (prefix) => call(() => store.releaseRuns(prefix), true),
    async settle(records, holder) {
      const settled = async () => {
        const changes = await store.settle(records, holder);
        chargeUnheard(changes, 1);
        return changes;
      };
      const changes = await call(settled, false);
      chargeUnheard(changes, -1);
      return changes;
    },
  };
}
