import { isPlatformError, PlatformError } from '@maru/api/errors';
import { ZERO_USAGE } from '@maru/api/records';
import { API_VERSION, type Tenant } from '@maru/api/resources';
import { budgetsOf } from '../../budget.ts';
import type { Principal } from '../../principal.ts';
import type { Quota } from '../../quota.ts';
import type { Held } from '../../quota-shares.ts';
import type { Reservation } from '../../reservation.ts';
import { createRandom, createSeededIds } from '#time';
import { createMemoryQuotaStore, type WorldStore } from './memory-quota-store.ts';
import { createMemorySpool, createReplica, type Replica, TTL_MS } from './replica.ts';
import { createTruth, type Standing } from './truth.ts';
import { createVirtualTime, machineClock } from './virtual-time.ts';
import { chargeOf, countedUse, keptOf, quotasOf, reach, uniqueIds } from './world-parts.ts';

export interface WorldResult {
  requests: number;
  admitted: number;
  refusedRates: number;
  refusedBudgets: number;
  /** The store could not be reached: no answer about the quota. */
  unavailable: number;
  /** Replicas took the last of a limit from each other for too long: no answer about the quota. */
  undecided: number;
  /** The process died before it answered. */
  lost: number;
  overshoots: number;
  falseRefusals: number;
  /** True refusals that are explained by what the replicas held at different moments of the decision, and by no single one. */
  unevenRefusals: number;
  crashes: number;
  partitions: number;
  /** Longest time from a loss of a replica until others could use all that it had held, in virtual milliseconds. */
  longestReturnMs: number;
  /** What was wrong, for people. */
  readonly notes: string[];
}

interface Machine {
  readonly name: string;
  replica: Replica | undefined;
  alive: { value: boolean };
  cutUntilMs: number;
  /** The last moment at which it was cut off. */
  lastCutMs: number;
  runs: number;
  /** Records of its spool, which outlive its runs. */
  readonly disk: Uint8Array[];
  spool: ReturnType<typeof createMemorySpool>;
  readonly open: Set<Running>;
  /** Requests that wait for admission. */
  asking: number;
}

interface Running {
  readonly reservation: Reservation;
  readonly held: readonly { readonly quota: Quota; readonly startMs: number; readonly amount: number }[];
}

interface DeadRun {
  readonly run: string;
  readonly replica: Replica;
  readonly diedMs: number;
}

const START_MS = Date.parse('2026-11-21T10:20:00Z');
const MACHINES = ['a', 'b', 'c'];
const KEYS = 4;
/** What counts as cut off for a refusal: an answer may have been lost just before. */
const CUT_BEFORE_MS = 3000;

const budget = (usd: number, window: string) => ({ usd, window, mode: 'hard' as const, warnAtPercent: 80 });
const TENANTS: readonly Tenant[] = [
  tenant('org', undefined, { requestsPerMinute: 420, tokensPerMinute: 90_000 }, [budget(1.2, 'hour'), budget(0.3, '10m')]),
  tenant('team', 'org', { concurrentRequests: 25 }, [budget(2, 'total')]),
];

export interface WorldStores {
  /** In memory where absent. */
  readonly open?: (nowMs: () => number) => WorldStore;
  /** Keeps rates and places, by a clock of its own; the same store as money where absent. */
  readonly openRates?: (nowMs: () => number) => WorldStore;
}

/** How far the clocks of two stores are apart. */
const RATES_AHEAD_MS = 777_777;

/** Three replicas on one store under traffic, crashes, cuts, slow answers and wrong clocks; every decision is compared with the truth. */
export async function simulateWorld(seed: number, requests: number, { open = createMemoryQuotaStore, openRates }: WorldStores = {}): Promise<WorldResult> {
  const random = createRandom(seed);
  const between = (low: number, high: number): number => low + random() * (high - low);
  const time = createVirtualTime(START_MS);
  const money = open(time.nowMs);
  const rates = openRates?.(() => time.nowMs() + RATES_AHEAD_MS);
  const storeOf = (quota: Quota): WorldStore => (quota.unit === 'nano-usd' ? money : (rates ?? money));
  const shownMs = (quota: Quota): number => time.nowMs() + (storeOf(quota) === money ? 0 : RATES_AHEAD_MS);
  const truth = createTruth(time.nowMs, shownMs);
  const ids = createSeededIds(seed);
  const dead: DeadRun[] = [];
  const result: WorldResult = {
    requests: 0,
    admitted: 0,
    refusedRates: 0,
    refusedBudgets: 0,
    unavailable: 0,
    undecided: 0,
    lost: 0,
    overshoots: 0,
    falseRefusals: 0,
    unevenRefusals: 0,
    crashes: 0,
    partitions: 0,
    longestReturnMs: 0,
    notes: [],
  };
  const principals = Array.from({ length: KEYS }, (_, index) => keyOf(index));
  let answered = 0;

  const start = (machine: Machine): void => {
    const alive = { value: true };
    machine.alive = alive;
    machine.runs += 1;
    machine.spool = createMemorySpool(machine.disk);
    const run = `${machine.name}#${machine.runs}`;
    const clock = machineClock(time, { skewMs: between(-600_000, 600_000), drift: between(-0.0003, 0.0003), isAlive: () => alive.value });
    const backend = reach({ store: money, machine, alive, time, random });
    const toRates = rates === undefined ? undefined : reach({ store: rates, machine, alive, time, random });
    const replica = createReplica({ name: machine.name, run, backend, rates: toRates, clock, ids: uniqueIds(ids, run), spool: machine.spool, tenants: TENANTS });
    const begin = (): void => {
      if (!alive.value) return;
      replica.begin().then(
        () => {
          if (alive.value) machine.replica = replica;
        },
        () => time.at(500, begin),
      );
    };
    begin();
  };

  const machines = MACHINES.map((name): Machine => {
    const disk: Uint8Array[] = [];
    return {
      name,
      replica: undefined,
      alive: { value: false },
      cutUntilMs: 0,
      lastCutMs: 0,
      runs: 0,
      disk,
      spool: createMemorySpool(disk),
      open: new Set(),
      asking: 0,
    };
  });
  for (const machine of machines) start(machine);

  const end = (machine: Machine, running: Running, how: 'settle' | 'release', used: number): void => {
    machine.open.delete(running);
    const { reservation } = running;
    if (how === 'release') machine.replica?.admission.release(reservation);
    else {
      const costNanoUsd = used * 1000;
      const id = ids.next('chg');
      machine.replica?.settlement.accept({ charge: chargeOf(id, costNanoUsd), budgets: reservation.budgets, accounts: [] });
      machine.replica?.admission.finish(reservation, { ...ZERO_USAGE, inputTokens: used });
    }
    for (const { quota, startMs, amount } of running.held) {
      const kept = keptOf(quota, amount, how === 'release' ? 0 : used);
      if (kept !== amount) truth.add(quota, machine.name, { startMs, amount: kept - amount });
    }
  };

  const crash = (machine: Machine): void => {
    if (machine.replica === undefined) return;
    result.crashes += 1;
    // Who was waiting never hears anything again.
    result.lost += machine.asking;
    answered += machine.asking;
    machine.asking = 0;
    machine.alive.value = false;
    dead.push({ run: machine.replica.run, replica: machine.replica, diedMs: time.nowMs() });
    machine.replica = undefined;
    for (const { held } of machine.open)
      for (const { quota, startMs, amount } of held)
        if (quota.unit === 'nano-usd' || quota.unit === 'concurrent') truth.add(quota, machine.name, { startMs, amount: -amount });
    machine.open.clear();
    // Longer than its shares live in some cases: then they must have come back before. Money in its spool comes back in time.
    const downMs = machine.spool.backlogBytes() > 0 ? between(500, TTL_MS * 0.6) : between(500, TTL_MS * 1.3);
    time.at(downMs, () => start(machine));
  };

  /** What replicas that are dead or cut off hold and may not be using. */
  const idleElsewhere = (quota: Quota, sinceMs: number): number => {
    const startMs = quota.window === 'hour' ? Math.floor(time.nowMs() / 3_600_000) * 3_600_000 : 0;
    let idle = 0;
    for (const { run, replica } of dead)
      idle += Math.max(
        0,
        storeOf(quota).grantedTo(quota.id, startMs, (holder) => holder === run) - countedUse(replica, quota, { startMs, dead: true, nowMs: shownMs(quota) }),
      );
    for (const { replica, lastCutMs } of machines) {
      if (replica === undefined) continue;
      // What the store has promised to a request that is being decided is not free, though nobody holds it yet.
      const isPromised = replica.shares.find(quota.id, startMs)?.flight !== undefined;
      if (!isPromised && lastCutMs < sinceMs - CUT_BEFORE_MS) continue;
      const granted = storeOf(quota).grantedTo(quota.id, startMs, (holder) => holder === replica.run);
      idle += Math.max(0, granted - countedUse(replica, quota, { startMs, dead: false, nowMs: shownMs(quota) }));
    }
    return idle;
  };

  const request = async (): Promise<void> => {
    result.requests += 1;
    const serving = machines.filter((each) => each.replica !== undefined);
    const machine = serving[Math.floor(random() * serving.length)];
    const principal = principals[Math.floor(random() ** 2 * principals.length)];
    const replica = machine?.replica;
    if (machine === undefined || principal === undefined || replica === undefined) {
      result.lost += 1;
      answered += 1;
      return;
    }
    const alive = machine.alive;
    const tokens = Math.floor(between(50, 400));
    const startedMs = time.nowMs();
    const quotas = quotasOf(principal, TENANTS);
    const before = new Map(quotas.map((quota) => [quota.id, { quota, standing: truth.standing(quota), idle: idleElsewhere(quota, startedMs) }]));
    machine.asking += 1;
    try {
      const reservation = await replica.admission.admit(principal, {
        requestedModel: 'auto',
        estimate: { ...ZERO_USAGE, inputTokens: tokens },
        prices: [{ provider: 'p', model: 'm' }],
      });
      if (!alive.value) return;
      machine.asking -= 1;
      answered += 1;
      result.admitted += 1;
      const held = reservation.held.map(({ quota, bucket, amount }: Held) => ({ quota, startMs: bucket.startMs, amount }));
      for (const { quota, startMs, amount } of held) {
        truth.add(quota, machine.name, { startMs, amount });
        if (truth.total(quota) > quota.cap) {
          result.overshoots += 1;
          result.notes.push(`seed ${seed}: ${quota.id} has ${truth.total(quota)} of ${quota.cap} at ${time.nowMs() - START_MS} ms`);
        }
      }
      const running: Running = { reservation, held };
      machine.open.add(running);
      const used = Math.floor(tokens * random());
      time.at(-Math.log(1 - random()) * 3000, () => {
        if (alive.value && machine.open.has(running)) end(machine, running, random() < 0.1 ? 'release' : 'settle', used);
      });
    } catch (error) {
      if (!alive.value) return;
      machine.asking -= 1;
      answered += 1;
      judge(error, tokens, startedMs, before);
    }
  };

  const judge = (error: unknown, tokens: number, startedMs: number, before: ReadonlyMap<string, { quota: Quota; standing: Standing; idle: number }>): void => {
    if (!isPlatformError(error, 'rate_limited') && !isPlatformError(error, 'quota_exceeded')) {
      if (isPlatformError(error, 'overloaded')) result.undecided += 1;
      else if (isPlatformError(error, 'storage_failed')) result.unavailable += 1;
      else throw error;
      return;
    }
    if (error.code === 'rate_limited') result.refusedRates += 1;
    else result.refusedBudgets += 1;
    const id = String(error.details['limit'] ?? error.details['budget']);
    const known = before.get(id);
    if (known === undefined) throw new PlatformError('internal', { message: `a quota refused that the simulation does not know: ${id}` });
    const { quota, standing, idle } = known;
    const needed = quota.unit === 'requests' || quota.unit === 'concurrent' ? 1 : quota.unit === 'nano-usd' ? tokens * 1000 : tokens;
    const highest = truth.highest(quota, startedMs, standing);
    const elsewhere = Math.max(idle, idleElsewhere(quota, startedMs));
    if (highest.atOnce + elsewhere + needed > quota.cap) return;
    if (highest.apart + elsewhere + needed > quota.cap) {
      result.unevenRefusals += 1;
      return;
    }
    result.falseRefusals += 1;
    result.notes.push(
      `seed ${seed}: ${id} refused ${needed} with ${highest.apart + elsewhere} of ${quota.cap} at ${time.nowMs() - START_MS} ms, after ${time.nowMs() - startedMs} ms`,
    );
  };

  const traffic = (): void => {
    if (result.requests >= requests) return;
    void request();
    // Bursts and quiet times: a quota must be right when it is empty, full and in between.
    const busy = Math.sin(time.nowMs() / 40_000) > -0.4;
    time.at(-Math.log(1 - random()) * (busy ? 70 : 600), traffic);
  };
  const faults = (): void => {
    const machine = machines[Math.floor(random() * machines.length)];
    if (machine !== undefined) {
      if (random() < 0.4) crash(machine);
      else {
        result.partitions += 1;
        machine.cutUntilMs = time.nowMs() + between(50, random() < 0.2 ? TTL_MS * 0.6 : 5000);
      }
    }
    time.at(between(5000, 60_000), faults);
  };
  const watchDead = (): void => {
    for (const { run, diedMs } of [...dead]) {
      const holds = principals
        .flatMap((principal) => quotasOf(principal, TENANTS))
        .some(
          (quota) => storeOf(quota).grantedTo(quota.id, quota.window === 'hour' ? Math.floor(time.nowMs() / 3_600_000) * 3_600_000 : 0, (holder) => holder === run) > 0,
        );
      if (holds) result.longestReturnMs = Math.max(result.longestReturnMs, time.nowMs() - diedMs);
      else if (time.nowMs() - diedMs > TTL_MS)
        dead.splice(
          dead.findIndex((each) => each.run === run),
          1,
        );
    }
    time.at(1000, watchDead);
  };
  time.at(0, traffic);
  time.at(10_000, faults);
  time.at(1000, watchDead);
  await time.run(() => answered >= requests);
  return result;
}

function tenant(name: string, parent: string | undefined, limits: Tenant['spec']['limits'], budgets: Tenant['spec']['budgets']): Tenant {
  return {
    apiVersion: API_VERSION,
    kind: 'Tenant',
    metadata: { name },
    spec: { level: 'team', blocked: false, contacts: [], guardrails: [], limits, budgets, ...(parent === undefined ? {} : { parent }) },
  };
}

function keyOf(index: number): Principal {
  return {
    keyId: `key_${index}`,
    tenant: 'team',
    name: `k${index}`,
    admin: false,
    limits: { requestsPerMinute: 150, tokensPerMinute: 25_000, concurrentRequests: 12 },
    budgets: budgetsOf('key', `key_${index}`, [budget(0.35, 'total'), budget(0.05, '5m')]),
  };
}
