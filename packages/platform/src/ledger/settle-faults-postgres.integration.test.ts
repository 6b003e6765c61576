import { afterAll, beforeAll } from 'vitest';
import { migrateStore, openStore } from '#store';
import { startPostgres, type TestPostgres } from '../../../../test/integration/start-postgres.ts';
import { describeSettleFaults } from './__fixtures__/settle-faults.ts';

let postgres: TestPostgres;
beforeAll(async () => {
  postgres = await startPostgres();
});
afterAll(() => postgres.stop());

describeSettleFaults('PostgreSQL', async () => {
  const url = await postgres.createDatabase();
  const store = await openStore({ url, poolSize: 2 });
  await migrateStore(store);
  return {
    store,
    close: async () => {
      await store.close();
      await postgres.dropDatabase(url);
    },
  };
});
