import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { migrateStore, openSpool, openStore, type Spool, type Store } from '#store';
import { silentLog } from '#telemetry';
import { createFakeClock, createSeededIds, type FakeClock } from '#time';
import { createTraces, type Traces } from '../create-traces.ts';

export interface TestRoom {
  readonly traces: Traces;
  readonly spool: Spool;
  readonly store: Store;
  readonly clock: FakeClock;
  /** Leaves without settling, as kill -9 does, and opens the same files again. */
  reopenAfterKill(): Promise<TestRoom>;
  close(): Promise<void>;
}

/** The room on a SQLite file and a spool in a temporary folder, with a clock that stands still. */
export async function openTestRoom(options: { readonly captureContent?: boolean; readonly folder?: string } = {}): Promise<TestRoom> {
  const folder = options.folder ?? mkdtempSync(join(tmpdir(), 'maru-traces-'));
  const store = await openStore({ url: join(folder, 'maru.db') });
  await migrateStore(store);
  const spool = openSpool({ path: join(folder, 'spool'), log: silentLog });
  const clock = createFakeClock();
  const captureContent = options.captureContent ?? true;
  const traces = createTraces({ store, spool, clock, ids: createSeededIds(), log: silentLog, captureContent, retentionMs: Number.POSITIVE_INFINITY });
  return {
    traces,
    spool,
    store,
    clock,
    async reopenAfterKill() {
      await spool.close();
      await store.close();
      return openTestRoom({ ...options, folder });
    },
    async close() {
      await traces.close();
      await spool.close();
      await store.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
