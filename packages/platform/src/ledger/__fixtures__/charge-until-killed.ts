import { writeSync } from 'node:fs';
import { join } from 'node:path';
import { migrateStore, openSpool, openStore } from '#store';
import { silentLog } from '#telemetry';
import { createIds, createSystemClock } from '#time';
import { createLedger } from '../ledger.ts';
import { askFor, factsOf, tenantOf } from './open-ledger.ts';

// A process that charges as fast as it can and says so after each charge, until it is killed.
const folder = process.argv[2] ?? '';
const clock = createSystemClock();
const store = await openStore({ url: join(folder, 'maru.db') });
await migrateStore(store);
const spool = openSpool({ path: join(folder, 'spool'), log: silentLog, maxSegmentBytes: 8192 });
const ledger = await createLedger({ store, spool, clock, ids: createIds(() => clock.nowMs()), log: silentLog, masterKey: 'sk-master-for-tests' });
ledger.setTenants([tenantOf('default', { budgets: [{ usd: 1_000_000, window: 'total' }] })]);
const principal = await ledger.authenticate('sk-master-for-tests');
for (let count = 1; ; count += 1) {
  const dollars = 1 + (count % 7);
  const reservations = await Promise.all(Array.from({ length: 1 + (count % 4) }, () => ledger.admit(principal, askFor(dollars))));
  const [first, ...others] = reservations.map((reservation) => ledger.settleSoon(reservation, factsOf(dollars)));
  const alone = ledger.settle(await ledger.admit(principal, askFor(dollars)), factsOf(dollars));
  for (const charge of [alone, await first, ...(await Promise.all(others))]) writeSync(1, `${charge?.id} ${charge?.costNanoUsd}\n`);
  // Lets timers run, so that charges are settled while others are made.
  if (count % 5 === 0) await clock.sleep(1);
}
