import { migrateStore, openStore } from '#store';
import { describeSettleFaults } from './__fixtures__/settle-faults.ts';

describeSettleFaults('SQLite', async () => {
  const store = await openStore({ url: ':memory:' });
  await migrateStore(store);
  return { store, close: () => store.close() };
});
