import { migrateStore, openStore } from '#store';
import { createFakeClock } from '#time';
import { describeQuotaStore } from '../../../../test/conformance/quota-store.ts';
import { createMemoryQuotaStore } from './__fixtures__/quota-world/memory-quota-store.ts';
import { createSqlQuotaStore } from './sql-quota-store.ts';

const START_MS = Date.parse('2026-11-21T10:30:00Z');

describeQuotaStore('SQLite', {
  open: async () => {
    const clock = createFakeClock(START_MS);
    const store = await openStore({ url: ':memory:' });
    await migrateStore(store);
    return { store: createSqlQuotaStore(store, clock), nowMs: clock.nowMs, passTime: (ms) => clock.advance(ms), close: () => store.close() };
  },
  model: createMemoryQuotaStore,
  runs: 50,
});

describeQuotaStore('in memory, which the simulation uses', {
  open: () => {
    const clock = createFakeClock(START_MS);
    return Promise.resolve({
      store: createMemoryQuotaStore(clock.nowMs),
      nowMs: clock.nowMs,
      passTime: (ms) => clock.advance(ms),
      close: () => Promise.resolve(),
    });
  },
  model: createMemoryQuotaStore,
  runs: 5,
});
