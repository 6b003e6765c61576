/** The entry of a worker thread: plays the simulations that it is sent, one after the other. */
import { parentPort, workerData } from 'node:worker_threads';
import { isPlatformError } from '@maru/api/errors';
import { runCell } from './run-cell.ts';
import type { SweepCell, SweepPlan } from './sweep-plan.ts';

const plan = workerData as SweepPlan;

parentPort?.on('message', (cell: SweepCell) => {
  try {
    parentPort?.postMessage({ result: runCell(plan, cell) });
  } catch (error) {
    parentPort?.postMessage({ code: isPlatformError(error) ? error.code : 'internal', message: (error as Error).message });
  }
});
