import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createLedger } from '#ledger';
import { openSpool, type Store } from '#store';
import type { Log } from '#telemetry';
import type { Clock, Ids } from '#time';
import { createTraces } from '#traces';
import { lockWorkerFolder, workerFolder, workerHolder } from './worker-folder.ts';

export interface LeftSpoolsOptions {
  readonly dataDir: string;
  /** Workers from 1 to this number settle what is theirs. */
  readonly workers: number;
  readonly store: Store;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
}

/** Settles what workers of an earlier start have left and no worker of this one will find, and removes their folders. Returns how many there were. */
export async function settleLeftSpools(options: LeftSpoolsOptions): Promise<number> {
  const { dataDir, store, clock, ids, log } = options;
  const left = foldersIn(join(dataDir, 'workers')).filter((index) => index > options.workers);
  for (const index of left) {
    const folder = workerFolder(dataDir, index);
    const lock = await lockWorkerFolder(folder, clock);
    try {
      const charges = openSpool({ path: join(folder, 'charges'), log });
      const spans = openSpool({ path: join(folder, 'traces'), log });
      const holder = store.dialect === 'sqlite' ? workerHolder(index) : undefined;
      await (await createLedger({ store, spool: charges, clock, ids, log, holder })).close();
      await createTraces({ store, spool: spans, clock, ids, log, captureContent: false, retentionMs: Number.POSITIVE_INFINITY }).close();
      const settled = charges.backlogBytes() === 0 && spans.backlogBytes() === 0;
      await charges.close();
      await spans.close();
      if (settled) rmSync(folder, { recursive: true });
    } finally {
      lock.release();
    }
  }
  return left.length;
}

function foldersIn(path: string): readonly number[] {
  try {
    return readdirSync(path).flatMap((name) => (/^[1-9]\d*$/.test(name) ? [Number(name)] : []));
  } catch {
    return [];
  }
}
