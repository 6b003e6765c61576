import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openStore, type Store } from '#store';
import { describeEvals } from '../../../../test/conformance/evals.ts';

describeEvals('SQLite', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'maru-evals-'));
  const stores: Store[] = [];
  const open = async (): Promise<Store> => {
    const store = await openStore({ url: join(folder, 'maru.db') });
    stores.push(store);
    return store;
  };
  return {
    store: await open(),
    reopen: open,
    remove: async () => {
      for (const store of stores) await store.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
});
