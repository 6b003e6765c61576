import { readdirSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openSpool } from '#store';
import { type Log, silentLog } from '#telemetry';
import { createSeededIds } from '#time';
import { askFor, factsOf, openTestLedger, type TestLedger, tenantOf } from './__fixtures__/open-ledger.ts';
import { type ChargeRecord, decodeChargeRecord, encodeChargeRecord } from './charge-record.ts';
import { createLedger } from './ledger.ts';
import type { Principal } from './principal.ts';

let test: TestLedger;
let principal: Principal;
beforeEach(async () => {
  test = await openTestLedger();
  principal = (await test.ledger.authenticate('sk-master-for-tests')) as Principal;
  test.ledger.setTenants([tenantOf('default', { budgets: [{ usd: 1000 }] })]);
});
afterEach(() => test.remove());

const charge = async (dollars: number, changes = {}) => {
  const made = test.ledger.settle(await test.ledger.admit(principal, askFor(dollars)), factsOf(dollars, changes));
  if (made === undefined) throw new Error('not charged');
  return made;
};
const total = async (): Promise<number> => (await test.ledger.spend({ by: 'total' }))[0]?.costNanoUsd ?? 0;

describe('settlement', () => {
  it('brings a charge into the database as it was made', async () => {
    const made = await charge(3, { user: 'u', session: 's', agent: 'guide', simulated: true, outcome: 'cancelled' });
    await test.ledger.flush();

    expect((await test.ledger.charges()).charges).toEqual([made]);
    expect(made).toMatchObject({
      requestId: 'req_1',
      requestedModel: 'auto',
      payer: { tenant: 'default', keyId: 'master', user: 'u', session: 's', agent: 'guide' },
      costNanoUsd: 3e9,
      priceSource: 'model',
      outcome: 'cancelled',
      atMs: test.clock.nowMs(),
    });
  });

  it('settles on its own soon after', async () => {
    await charge(1);

    await test.clock.advance(200);

    await expect.poll(total).toBe(1e9);
  });

  it('counts a charge once that is written under its own id again, also after it was settled', async () => {
    await charge(2, { id: 'chg_line-1' });
    await charge(2, { id: 'chg_line-1' });
    await test.ledger.flush();
    await charge(2, { id: 'chg_line-1' });
    await charge(3, { id: 'chg_line-2' });
    await test.ledger.flush();

    expect(await total()).toBe(5e9);
    expect((await test.ledger.charges()).charges.map(({ id }) => id).sort()).toEqual(['chg_line-1', 'chg_line-2']);
  });

  it('charges once, however often it is told', async () => {
    const reservation = await test.ledger.admit(principal, askFor(2));

    expect(test.ledger.settle(reservation, factsOf(2))).toBeDefined();
    expect(test.ledger.settle(reservation, factsOf(2))).toBeUndefined();
    test.ledger.release(reservation);
    expect(() => test.ledger.chargeAttempt(reservation, factsOf(1))).toThrow(expect.objectContaining({ code: 'conflict' }));
    await test.ledger.flush();

    expect(await total()).toBe(2e9);
  });

  it('does not charge what was released', async () => {
    const reservation = await test.ledger.admit(principal, askFor(2));
    test.ledger.release(reservation);

    expect(test.ledger.settle(reservation, factsOf(2))).toBeUndefined();
    await test.ledger.flush();

    expect((await test.ledger.charges()).charges).toEqual([]);
  });

  it('charges attempts and the answer of one request each', async () => {
    const reservation = await test.ledger.admit(principal, askFor(5));
    test.ledger.chargeAttempt(reservation, factsOf(1, { outcome: 'error', endpoint: 'm-0' }));
    test.ledger.settle(reservation, factsOf(2, { endpoint: 'm-1' }));
    await test.ledger.flush();

    const { charges } = await test.ledger.charges({ filters: { requestId: 'req_1' } });
    expect(charges.map((each) => [each.endpoint, each.outcome]).sort()).toEqual([
      ['m-0', 'error'],
      ['m-1', 'ok'],
    ]);
    expect(await test.ledger.spend({ by: 'total' })).toEqual([expect.objectContaining({ requests: 2, errors: 1, costNanoUsd: 3e9 })]);
  });

  it('keeps charges of a killed process: the next start settles them once', async () => {
    const made = [await charge(1), await charge(2), await charge(4)];

    const next = await test.restart();
    next.setTenants([tenantOf('default', { budgets: [{ usd: 1000 }] })]);

    expect((await next.charges()).charges.map((each) => each.id).sort()).toEqual(made.map((each) => each.id).sort());
    expect(await total()).toBe(7e9);
    expect((await next.budgetStates())[0]?.leasedNanoUsd).toBe(0);
  });

  it('changes nothing when a batch comes again, as after a crash between commit and cursor', async () => {
    const folder = join(test.folder, 'again');
    const spool = openSpool({ path: folder, log: silentLog });
    const record = encodeChargeRecord({
      charge: await charge(5),
      budgets: [{ budgetId: 'tenant/default/month', windowStartMs: Date.parse('2026-11-01T00:00:00Z') }],
      accounts: [],
    });
    await test.ledger.flush();
    spool.append(record);
    spool.append(record);

    const again = await createLedger({ store: test.store, spool, clock: test.clock, ids: createSeededIds(9), log: silentLog, holder: 'again' });
    again.setTenants([tenantOf('default', { budgets: [{ usd: 1000 }] })]);

    expect(await total()).toBe(5e9);
    expect((await again.budgetStates())[0]?.spentNanoUsd).toBe(5e9);
    await again.close();
    await spool.close();
  });

  it('waits in the spool while the database refuses, tries again later and loses nothing', async () => {
    const made = await charge(1);
    await sql`alter table charge rename to hidden`.execute(test.store.db);
    await expect(test.ledger.flush()).rejects.toMatchObject({ code: 'storage_failed' });
    await test.clock.advance(5000);
    expect(test.spool.backlogBytes()).toBeGreaterThan(0);

    await sql`alter table hidden rename to charge`.execute(test.store.db);
    await test.clock.advance(60_000);

    await expect.poll(async () => (await test.ledger.charges()).charges).toEqual([made]);
    expect(test.spool.backlogBytes()).toBe(0);
  });

  it('writes a charge, its sums and the budget together or not at all', async () => {
    await charge(1);
    await sql`alter table quota_spent rename to hidden`.execute(test.store.db);

    await expect(test.ledger.flush()).rejects.toMatchObject({ code: 'storage_failed' });

    expect((await test.ledger.charges()).charges).toEqual([]);
    expect(await total()).toBe(0);
    await sql`alter table hidden rename to quota_spent`.execute(test.store.db);
  });

  it('does not acknowledge a charge that the disk did not take, and can charge it when there is space', async () => {
    let full = true;
    const write = (file: number, bytes: Uint8Array, offset: number): number => {
      if (full) throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
      return writeSync(file, bytes, offset);
    };
    const spool = openSpool<ChargeRecord>({ path: join(test.folder, 'full'), log: silentLog, write });
    const ledger = await test.restart({ spool, holder: 'full' });
    const reservation = await ledger.admit(principal, askFor(2));

    expect(() => ledger.settle(reservation, factsOf(2))).toThrow(expect.objectContaining({ code: 'storage_full' }));
    full = false;
    expect(ledger.settle(reservation, factsOf(2))).toMatchObject({ costNanoUsd: 2e9 });
    await ledger.flush();

    expect(await total()).toBe(2e9);
  });

  it('skips a record that it can not read, says so, and settles the others', async () => {
    const errors: object[] = [];
    const log: Log = { ...silentLog, error: (fields) => void errors.push(fields) };
    const spool = openSpool({ path: join(test.folder, 'strange'), log: silentLog });
    spool.append('{"v":99}');
    spool.append('not json');
    const made = await charge(1);
    spool.append(encodeChargeRecord({ charge: made, budgets: [], accounts: [] }));

    await test.restart({ spool, log, holder: 'strange' });

    expect((await test.ledger.charges()).charges).toEqual([made]);
    expect(errors).toEqual([{ count: 2 }]);
    await spool.close();
  });

  it('warns once when a budget reaches its threshold, and once when it is spent', async () => {
    const warnings: object[] = [];
    const log: Log = { ...silentLog, warn: (fields) => void warnings.push(fields) };
    const ledger = await test.restart({ log, holder: 'warned', spool: openSpool({ path: join(test.folder, 'warned'), log: silentLog }) });
    ledger.setTenants([tenantOf('default', { budgets: [{ usd: 10, warnAtPercent: 50 }] })]);
    for (const dollars of [4, 2, 1, 3]) {
      ledger.settle(await ledger.admit(principal, askFor(dollars)), factsOf(dollars));
      await ledger.flush();
    }

    expect(warnings).toEqual([
      { budget: 'tenant/default/month', percent: 50, spentUsd: 6, limitUsd: 10 },
      { budget: 'tenant/default/month', percent: 100, spentUsd: 10, limitUsd: 10 },
    ]);
  });

  it('settles and gives its share of budgets back when it is closed', async () => {
    const made = await charge(1);

    await test.ledger.close();

    expect((await test.ledger.charges()).charges).toEqual([made]);
    expect((await test.ledger.budgetStates())[0]).toMatchObject({ spentNanoUsd: 1e9, leasedNanoUsd: 0 });
    expect(test.clock.pending()).toBe(0);
  });

  it('keeps sums, charges and budgets equal over any traffic, flushes and restarts', async () => {
    const step = fc.record({
      dollars: fc.integer({ min: 0, max: 50 }),
      hours: fc.nat(3),
      model: fc.constantFrom('a', 'b'),
      priced: fc.boolean(),
      after: fc.constantFrom('go on', 'go on', 'flush', 'restart'),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
        const each = await openTestLedger();
        let ledger = each.ledger;
        const start = (): void => ledger.setTenants([tenantOf('default', { budgets: [{ usd: 1e6, window: 'total' }] })]);
        start();
        let [expected, unpriced] = [0, 0];
        for (const { dollars, hours, model, priced, after } of steps) {
          await each.clock.advance(hours * 3_600_000);
          const reservation = await ledger.admit(principal, askFor(dollars));
          ledger.settle(reservation, factsOf(dollars, { model, ...(priced || dollars === 0 ? {} : { price: undefined }) }));
          if (priced || dollars === 0) expected += dollars * 1e9;
          else unpriced += 1;
          if (after === 'flush') await ledger.flush();
          if (after === 'restart') {
            ledger = await each.restart();
            start();
          }
        }
        await ledger.flush();

        const { charges } = await ledger.charges({ limit: 1000 });
        expect(charges).toHaveLength(steps.length);
        expect(charges.reduce((sum, one) => sum + (one.costNanoUsd ?? 0), 0)).toBe(expected);
        for (const by of ['total', 'hour', 'model'] as const) {
          const rows = await ledger.spend({ by });
          expect(rows.reduce((sum, row) => sum + row.costNanoUsd, 0)).toBe(expected);
          expect(rows.reduce((sum, row) => sum + row.unpriced, 0)).toBe(unpriced);
          expect(rows.reduce((sum, row) => sum + row.requests, 0)).toBe(steps.length);
        }
        expect((await ledger.budgetStates())[0]?.spentNanoUsd).toBe(expected);
        await each.remove();
      }),
      { numRuns: 12 },
    );
  });
});

describe('charge record', () => {
  it('is read back as it was written, and is a line of JSON without secrets', async () => {
    const made = await charge(1);
    const record = { charge: made, budgets: [{ budgetId: 'tenant/default/month', windowStartMs: 5 }], accounts: ['key/k', 'default'] };

    expect(decodeChargeRecord(Buffer.from(encodeChargeRecord(record)))).toEqual(record);
    const onDisk = readdirSync(test.folder)
      .filter((name) => name.endsWith('.seg'))
      .map((name) => readFileSync(join(test.folder, name), 'latin1'))
      .join('');
    expect(onDisk).toContain(made.id);
    expect(onDisk).not.toContain('sk-master');
  });

  it('is undefined for bytes that are no record of this version', () => {
    for (const text of ['', '{}', '[]', '{"v":1}', '{"v":2,"charge":{},"budgets":[]}']) expect(decodeChargeRecord(Buffer.from(text))).toBeUndefined();
  });
});
