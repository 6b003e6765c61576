/** The entry of a worker thread: plays the simulations that it is sent and tells the shares of requests within the SLO. */
import { parentPort } from 'node:worker_threads';
import { type GoodputCell, LOADS } from './goodput-loads.ts';

parentPort?.on('message', (cell: GoodputCell) => {
  void LOADS[cell.load]?.run(cell).then((results) => parentPort?.postMessage(results.map(({ withinSlo }) => withinSlo ?? 0)));
});
