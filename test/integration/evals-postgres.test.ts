import { afterAll, beforeAll } from 'vitest';
import { openStore, type Store } from '../../packages/platform/src/store/index.ts';
import { describeEvals } from '../conformance/evals.ts';
import { startPostgres, type TestPostgres } from './start-postgres.ts';

let postgres: TestPostgres;
beforeAll(async () => {
  postgres = await startPostgres();
});
afterAll(() => postgres.stop());

describeEvals('PostgreSQL', async () => {
  const url = await postgres.createDatabase();
  const stores: Store[] = [];
  const open = async (): Promise<Store> => {
    const store = await openStore({ url, poolSize: 5 });
    stores.push(store);
    return store;
  };
  return {
    store: await open(),
    reopen: open,
    remove: async () => {
      for (const store of stores) await store.close();
      await postgres.dropDatabase(url);
    },
  };
});
