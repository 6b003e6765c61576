import { join } from 'node:path';
import { isPlatformError } from '@maru/api/errors';
import { type DataDirLock, lockDataDir } from '#store';
import type { Clock } from '#time';

/** Folder of a worker in the data folder: its spools, and the lock that says that they are in use. */
export const workerFolder = (dataDir: string, index: number): string => join(dataDir, 'workers', String(index));

/** Name of a worker in leased quotas of an embedded database; stays the same for who takes its spools over. */
export const workerHolder = (index: number): string => `worker-${index}`;

const LOOK_MS = 50;
const PATIENCE_MS = 5000;

/** Takes the folder of a worker. One that still belongs to a process that is about to end is waited for. Throws as {@link lockDataDir}. */
export async function lockWorkerFolder(folder: string, clock: Clock): Promise<DataDirLock> {
  const untilMs = clock.monotonicMs() + PATIENCE_MS;
  for (;;) {
    try {
      return lockDataDir(folder, clock.nowMs());
    } catch (error) {
      if (!isPlatformError(error, 'data_dir_locked') || clock.monotonicMs() >= untilMs) throw error;
      await clock.sleep(LOOK_MS);
    }
  }
}
