import { openStore } from '#store';
import { describeTraces } from '../../../../test/conformance/traces.ts';

describeTraces('SQLite', async () => {
  const store = await openStore({ url: ':memory:' });
  return { store, remove: () => store.close() };
});
