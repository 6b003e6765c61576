import { PlatformError } from '@maru/api/errors';
import { forgetForeignTracing } from '#config';
import { holdHeapGrowth, keepTickShape, limitHeapGrowth } from '#telemetry';
import { createSystemClock } from '#time';
import { failureOf, openMainLink } from './workers/main-link.ts';
import { startWorker } from './workers/worker.ts';

/** How long the work of the start goes on behind the first requests. */
const START_WORK_MS = 5000;

/** A process that answers calls for the `maru up` that has started it, until it is told to stop. Throws `usage` when a person calls it. */
export async function runWorker(): Promise<void> {
  if (process.send === undefined) throw new PlatformError('usage', { message: '"maru worker" is started by "maru up --workers"; run that' });
  forgetForeignTracing();
  keepTickShape();
  limitHeapGrowth();
  const releaseHeap = holdHeapGrowth();
  // Ctrl-C reaches every process of a terminal: the main one says when to stop.
  process.on('SIGINT', () => undefined);
  const link = openMainLink(process);
  const plan = await link.plan;
  const stopped = new Promise<void>((resolve) => {
    process.once('SIGTERM', () => resolve());
    link.onStop(resolve);
  });
  try {
    const worker = await startWorker(plan, link);
    link.send({ type: 'ready' });
    createSystemClock().schedule(START_WORK_MS, releaseHeap);
    await stopped;
    await worker.close();
  } catch (error) {
    link.send(failureOf(error));
    process.exitCode = 1;
  }
  link.close();
}
