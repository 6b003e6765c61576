import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { type ErrorCode, PlatformError } from '@maru/api/errors';
import type { ThreadData } from './cell-child.ts';
import type { CellResult, SweepCell, SweepPlan } from './sweep-plan.ts';

const ENTRY = new URL(`./cell-child${extname(import.meta.url)}`, import.meta.url);

/** A thread beside a server breaks at so much memory, and the server does not. */
const BACKGROUND_HEAP_MB = 1024;

type Answer = { readonly result: CellResult } | { readonly code: ErrorCode; readonly message: string };

/** Plays the cells on so many threads and tells each result as it comes; the first failure or an abort ends all of it. */
export async function runInThreads(plan: SweepPlan, cells: readonly SweepCell[], options: PoolOptions): Promise<void> {
  const queue = [...cells];
  const workerData: ThreadData = { plan, background: options.background };
  const resourceLimits = options.background ? { maxOldGenerationSizeMb: BACKGROUND_HEAP_MB } : {};
  const workers = Array.from({ length: Math.min(options.threads, cells.length) }, () => new Worker(ENTRY, { workerData, resourceLimits }));
  const work = async (worker: Worker): Promise<void> => {
    for (let cell = queue.shift(); cell !== undefined; cell = queue.shift()) options.onResult(await ask(worker, cell, options.signal));
  };
  try {
    await Promise.all(workers.map(work));
  } finally {
    queue.length = 0;
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
}

export interface PoolOptions {
  readonly threads: number;
  /** Threads take what others leave of the processors, and a bounded memory. */
  readonly background: boolean;
  readonly signal: AbortSignal;
  readonly onResult: (result: CellResult) => void;
}

function ask(worker: Worker, cell: SweepCell, signal: AbortSignal): Promise<CellResult> {
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      worker.off('message', answer);
      worker.off('error', fail);
      signal.removeEventListener('abort', cancel);
    };
    const answer = (message: Answer): void => {
      stop();
      if ('result' in message) resolve(message.result);
      else reject(new PlatformError(message.code, { message: message.message }));
    };
    const fail = (cause: unknown): void => {
      stop();
      reject(new PlatformError('internal', { message: `a simulation thread broke: ${(cause as Error).message}`, cause }));
    };
    const cancel = (): void => {
      stop();
      reject(new PlatformError('cancelled', { message: 'the sweep was stopped; what has been simulated is kept where a state file was named' }));
    };
    worker.on('message', answer);
    worker.on('error', fail);
    signal.addEventListener('abort', cancel);
    if (signal.aborted) cancel();
    else worker.postMessage(cell);
  });
}
