import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { migrateStore, openSpool, openStore, type Spool, type Store } from '#store';
import { silentLog } from '#telemetry';
import { type Clock, createFakeClock, createSeededIds, type FakeClock } from '#time';
import { askFor, factsOf, tenantOf, whileTimeGoesOn } from './__fixtures__/open-ledger.ts';
import { createLedger, type Ledger } from './ledger.ts';
import type { Reservation } from './reservation.ts';

const TTL_MS = 900_000;
const REPLICAS = ['a', 'b', 'c'] as const;
type Name = (typeof REPLICAS)[number];

interface Replica {
  readonly ledger: Ledger;
  readonly spool: Spool;
  alive: boolean;
  readonly open: { reservation: Reservation; dollars: number }[];
}

/** Three processes on one database; each has its own spool, which outlives a crash. */
class Fleet {
  readonly store: Store;
  readonly clock: FakeClock = createFakeClock(Date.parse('2026-11-10T00:00:00Z'));
  readonly folder = mkdtempSync(join(tmpdir(), 'maru-replicas-'));
  readonly running = new Map<Name, Replica>();
  readonly cap: number;
  acknowledged = 0;
  #starts = 0;

  constructor(store: Store, cap: number) {
    this.store = store;
    this.cap = cap;
  }

  async start(name: Name): Promise<Replica> {
    this.#starts += 1;
    const spool = openSpool({ path: join(this.folder, name), log: silentLog });
    const seeded = createSeededIds(this.#starts);
    const run = this.#starts;
    const ids = { ...seeded, next: (prefix: string) => `${seeded.next(prefix)}_${name}_${run}` };
    const life = { alive: true };
    const ledger = await createLedger({
      store: this.store,
      spool,
      clock: this.#clockOf(life),
      ids,
      log: silentLog,
      masterKey: 'sk-master-for-tests',
      holder: name,
      shareTtlMs: TTL_MS,
    });
    ledger.setTenants([tenantOf('default', { budgets: [{ usd: this.cap }] })]);
    const replica: Replica = Object.assign(life, { ledger, spool, open: [] });
    this.running.set(name, replica);
    return replica;
  }

  async admit(name: Name, dollars: number): Promise<'ok' | 'refused'> {
    const replica = this.running.get(name) ?? (await this.start(name));
    const principal = await replica.ledger.authenticate('sk-master-for-tests');
    try {
      const admitted = Promise.resolve(replica.ledger.admit(principal, askFor(dollars)));
      replica.open.push({ reservation: await whileTimeGoesOn(this.clock, admitted), dollars });
      return 'ok';
    } catch (error) {
      expect((error as { code: string }).code).toBe('quota_exceeded');
      return 'refused';
    }
  }

  settle(name: Name, actual: number): void {
    const held = this.running.get(name)?.open.shift();
    if (held === undefined) return;
    const cost = Math.min(actual, held.dollars);
    this.running.get(name)?.ledger.settle(held.reservation, factsOf(cost));
    this.acknowledged += cost;
  }

  /** Memory is gone; the spool stays. A dead process writes nothing: its timers are never heard again. */
  crash(name: Name): void {
    const replica = this.running.get(name);
    if (replica !== undefined) replica.alive = false;
    this.running.delete(name);
  }

  #clockOf(life: { readonly alive: boolean }): Clock {
    return {
      ...this.clock,
      schedule: (delayMs, callback) => this.clock.schedule(delayMs, () => void (life.alive && callback())),
      sleep: (delayMs, signal) =>
        new Promise((resolve, reject) => {
          void this.clock.sleep(delayMs, signal).then(() => void (life.alive && resolve()), reject);
        }),
    };
  }

  /** Money of the budget that is neither spent nor leased, as the database knows it. */
  async free(): Promise<number> {
    const [state] = (await this.running.values().next().value?.ledger.budgetStates()) ?? [];
    return this.cap - ((state?.spentNanoUsd ?? 0) + (state?.leasedNanoUsd ?? 0)) / 1e9;
  }

  async remove(): Promise<void> {
    for (const { ledger } of this.running.values()) await ledger.close();
    await this.store.close();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

async function openFleet(cap: number): Promise<Fleet> {
  const store = await openStore({ url: ':memory:' });
  await migrateStore(store);
  return new Fleet(store, cap);
}

const step = fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('admit' as const), on: fc.constantFrom(...REPLICAS), dollars: fc.integer({ min: 1, max: 12 }) }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('settle' as const), on: fc.constantFrom(...REPLICAS), dollars: fc.integer({ min: 0, max: 12 }) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('flush' as const), on: fc.constantFrom(...REPLICAS) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('crash' as const), on: fc.constantFrom(...REPLICAS) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('wait' as const), on: fc.constantFrom(...REPLICAS) }) },
);

describe('one budget over three replicas', () => {
  it('is never exceeded, whatever crashes, and refuses only when the money is spent or leased', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), fc.integer({ min: 0, max: 80 }), async (steps, cap) => {
        const fleet = await openFleet(cap);
        for (const name of REPLICAS) await fleet.start(name);
        let waitedMs = 0;
        for (const each of steps) {
          if (each.kind === 'settle') fleet.settle(each.on, each.dollars);
          else if (each.kind === 'flush') await fleet.running.get(each.on)?.ledger.flush();
          else if (each.kind === 'crash') fleet.crash(each.on);
          else if (each.kind === 'wait') {
            // Shorter in all than a reservation lives: what is settled later than that may come on top.
            if (waitedMs < 500_000) await fleet.clock.advance(40_000);
            waitedMs += 40_000;
          } else {
            const result = await fleet.admit(each.on, each.dollars);
            if (result === 'refused') expect(await fleet.free()).toBeLessThan(each.dollars);
          }
          expect(fleet.acknowledged).toBeLessThanOrEqual(cap);
          if (fleet.running.size > 0) expect(await fleet.free()).toBeGreaterThanOrEqual(0);
        }
        for (const name of REPLICAS) await (fleet.running.get(name) ?? (await fleet.start(name))).ledger.flush();

        const spent = (await fleet.running.get('a')?.ledger.spend({ by: 'total' }))?.[0]?.costNanoUsd ?? 0;
        expect(spent).toBe(fleet.acknowledged * 1e9);
        await fleet.remove();
      }),
      { numRuns: 25 },
    );
  });

  it('keeps the share of a dead replica until its lease ends, then spends it to the last dollar', async () => {
    const fleet = await openFleet(100);
    await fleet.start('a');
    await fleet.start('b');
    await fleet.admit('a', 60);
    fleet.crash('a');

    expect(await fleet.admit('b', 50)).toBe('refused');
    expect(await fleet.admit('b', 30)).toBe('ok');
    await fleet.clock.advance(TTL_MS + 1);

    expect(await fleet.admit('b', 100)).toBe('ok');
    expect(await fleet.admit('b', 1)).toBe('refused');
    await fleet.remove();
  });

  it('gives an idle share back as soon as another replica needs it', async () => {
    const fleet = await openFleet(100);
    await fleet.start('a');
    await fleet.start('b');
    await fleet.admit('a', 16);
    fleet.settle('a', 16);
    await fleet.running.get('a')?.ledger.flush();
    const before = fleet.clock.nowMs();
    expect(await fleet.admit('b', 84)).toBe('ok');
    expect(fleet.clock.nowMs() - before).toBeLessThan(1000);
    await fleet.remove();
  });

  it('returns its whole share when a replica is closed', async () => {
    const fleet = await openFleet(100);
    const first = await fleet.start('a');
    await fleet.start('b');
    await fleet.admit('a', 10);
    fleet.settle('a', 10);
    await first.ledger.close();

    expect(await fleet.admit('b', 90)).toBe('ok');
    await fleet.remove();
  });
});
