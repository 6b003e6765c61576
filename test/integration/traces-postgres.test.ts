import { afterAll, beforeAll } from 'vitest';
import { openStore } from '../../packages/platform/src/store/index.ts';
import { describeTraces } from '../conformance/traces.ts';
import { startPostgres, type TestPostgres } from './start-postgres.ts';

let postgres: TestPostgres;
beforeAll(async () => {
  postgres = await startPostgres();
});
afterAll(() => postgres.stop());

describeTraces('PostgreSQL', async () => {
  const url = await postgres.createDatabase();
  const store = await openStore({ url, poolSize: 5 });
  return {
    store,
    remove: async () => {
      await store.close();
      await postgres.dropDatabase(url);
    },
  };
});
