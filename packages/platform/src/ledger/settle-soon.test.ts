import { writeSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openSpool } from '#store';
import { silentLog } from '#telemetry';
import { askFor, factsOf, openTestLedger, type TestLedger, tenantOf } from './__fixtures__/open-ledger.ts';
import type { ChargeRecord } from './charge-record.ts';
import type { Ledger } from './ledger.ts';
import type { Principal } from './principal.ts';

const RESERVATION_MS = 60_000;

describe('charges that are written together', () => {
  let test: TestLedger;
  let ledger: Ledger;
  let principal: Principal;
  let writes: number;
  let full: boolean;
  beforeEach(async () => {
    test = await openTestLedger();
    writes = 0;
    full = false;
    const write = (file: number, bytes: Uint8Array, offset: number): number => {
      if (full) throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
      writes += 1;
      return writeSync(file, bytes, offset);
    };
    const spool = openSpool<ChargeRecord>({ path: join(test.folder, 'shared'), log: silentLog, write });
    ledger = await test.restart({ spool, holder: 'shared', reservationMs: RESERVATION_MS });
    principal = (await ledger.authenticate('sk-master-for-tests')) as Principal;
    ledger.setTenants([tenantOf('default', { budgets: [{ usd: 10 }] })]);
  });
  afterEach(() => test.remove());

  const spent = async (): Promise<number> => {
    await ledger.flush();
    return (await ledger.spend({ by: 'total' }))[0]?.costNanoUsd ?? 0;
  };
  /** Whether the budget of 10 dollars has so much left, and no more. */
  const leaves = async (dollars: number): Promise<void> => {
    const rest = await ledger.admit(principal, askFor(dollars));
    await expect(Promise.resolve().then(() => ledger.admit(principal, askFor(1)))).rejects.toMatchObject({ code: 'quota_exceeded' });
    ledger.release(rest);
  };

  it('are one write, and each is what it was', async () => {
    const reservations = await Promise.all([1, 2, 3].map((dollars) => ledger.admit(principal, askFor(dollars))));

    const charges = await Promise.all(reservations.map((reservation, index) => ledger.settleSoon(reservation, factsOf(index + 1))));

    expect(charges.map((charge) => charge?.costNanoUsd)).toEqual([1e9, 2e9, 3e9]);
    expect(writes).toBe(1);
    await leaves(4);
    expect(await spent()).toBe(6e9);
    await leaves(4);
  });

  it('happen once, whatever is asked of their reservation meanwhile', async () => {
    const reservation = await ledger.admit(principal, askFor(4));

    const first = ledger.settleSoon(reservation, factsOf(4));
    const second = ledger.settleSoon(reservation, factsOf(4));
    ledger.release(reservation);
    expect(ledger.settle(reservation, factsOf(4))).toBeUndefined();

    expect(await second).toBeUndefined();
    expect(await first).toMatchObject({ costNanoUsd: 4e9 });
    expect(await ledger.settleSoon(reservation, factsOf(4))).toBeUndefined();
    await leaves(6);
    expect(await spent()).toBe(4e9);
  });

  it('are not made where the disk is full, and can be made when there is space', async () => {
    const reservation = await ledger.admit(principal, askFor(4));
    full = true;
    await expect(ledger.settleSoon(reservation, factsOf(4))).rejects.toMatchObject({ code: 'storage_full' });
    await leaves(6);
    expect(await spent()).toBe(0);
    full = false;

    expect(await ledger.settleSoon(reservation, factsOf(4))).toMatchObject({ costNanoUsd: 4e9 });

    await leaves(6);
    expect(await spent()).toBe(4e9);
  });

  it('give back what they held where they are not made and the request ends', async () => {
    const reservation = await ledger.admit(principal, askFor(4));
    full = true;
    await expect(ledger.settleSoon(reservation, factsOf(4))).rejects.toMatchObject({ code: 'storage_full' });
    full = false;

    ledger.release(reservation);

    expect(await ledger.settleSoon(reservation, factsOf(4))).toBeUndefined();
    await leaves(10);
    expect(await spent()).toBe(0);
  });

  it('count once where their reservation had expired before', async () => {
    const reservation = await ledger.admit(principal, askFor(4));
    await test.clock.advance(RESERVATION_MS + 10_000);
    expect(reservation.state).toBe('expired');
    full = true;
    await expect(ledger.settleSoon(reservation, factsOf(4))).rejects.toMatchObject({ code: 'storage_full' });
    expect(reservation.state).toBe('expired');
    full = false;

    expect(await ledger.settleSoon(reservation, factsOf(4))).toMatchObject({ costNanoUsd: 4e9 });

    expect(reservation.state).toBe('settled');
    expect(await spent()).toBe(4e9);
    await leaves(6);
  });
});
