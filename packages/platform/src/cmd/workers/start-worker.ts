import cluster from 'node:cluster';
import { type ErrorCode, PlatformError } from '@maru/api/errors';
import { launcher } from '../places.ts';
import type { FromWorker, ToWorker, WorkerPlan } from './messages.ts';
import type { StartedWorker } from './supervisor.ts';

/** A worker process, and the channel to it. */
export interface WorkerProcess extends StartedWorker {
  /** Does nothing once it has gone. */
  send(message: ToWorker): void;
}

export interface StartWorkerOptions {
  readonly plan: WorkerPlan;
  readonly onMessage: (message: FromWorker) => void;
}

/** Starts a process of this program that answers calls of models. */
export function startWorkerProcess({ plan, onMessage }: StartWorkerOptions): WorkerProcess {
  cluster.setupPrimary({ exec: launcher(), args: ['worker'], stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const worker = cluster.fork();
  const { promise: ready, resolve, reject } = Promise.withResolvers<void>();
  const exited = new Promise<number | string>((ended) => {
    worker.once('exit', (code, signal) => {
      reject(new PlatformError('internal', { message: `the worker ${plan.index} ended with ${signal ?? code} before it served` }));
      ended(signal ?? code);
    });
    worker.once('error', (cause) => {
      reject(new PlatformError('internal', { message: `the worker ${plan.index} could not be started`, cause }));
      ended('error');
    });
  });
  const send = (message: ToWorker): void => {
    // A process that has just died is heard of by its exit.
    if (worker.isConnected()) worker.send(message, () => undefined);
  };
  worker.on('message', (message: FromWorker) => {
    if (message.type === 'hello') send({ type: 'begin', plan });
    else if (message.type === 'ready') resolve();
    else if (message.type === 'failed') reject(new PlatformError(message.code as ErrorCode, { message: message.message }));
    else onMessage(message);
  });
  return { pid: worker.process.pid ?? 0, ready, exited, send, stop: () => send({ type: 'stop' }), kill: () => void worker.process.kill('SIGKILL') };
}
