/** The entry of a worker thread: plays the simulations that it is sent, one after the other. */
import { constants, platform, setPriority } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import { isPlatformError } from '@maru/api/errors';
import { runCell } from './run-cell.ts';
import type { SweepCell, SweepPlan } from './sweep-plan.ts';

/** What a thread is started with. */
export interface ThreadData {
  readonly plan: SweepPlan;
  readonly background: boolean;
}

const { plan, background } = workerData as ThreadData;
// Linux gives a thread a priority of its own; elsewhere this would slow the whole process.
if (background && platform() === 'linux') setPriority(constants.priority.PRIORITY_LOW);

parentPort?.on('message', (cell: SweepCell) => {
  try {
    parentPort?.postMessage({ result: runCell(plan, cell) });
  } catch (error) {
    parentPort?.postMessage({ code: isPlatformError(error) ? error.code : 'internal', message: (error as Error).message });
  }
});
