import { extname, join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { ChatParts } from './render-chat.ts';
import type { TokenizeDone, TokenizeJob } from './tokenize-worker.ts';

const MAX_WAITING = 256;

/** Tokenizes beside the thread that serves requests. */
export interface TokenizePool {
  /** Token ids, or why there are none: the queue is full, the file is no tokenizer, the template fails. Never throws. */
  encode(prompt: string | ChatParts): Promise<Uint32Array | string>;
  /** Jobs that wait or run. */
  readonly waiting: number;
  close(): Promise<void>;
}

/** A pool for one tokenizer; a thread starts with the first job and costs some 40 MB and the vocabulary. */
export function createTokenizePool(options: { readonly path: string; readonly threads: number }): TokenizePool {
  const workers: { readonly worker: Worker; jobs: number }[] = [];
  const open = new Map<number, { readonly at: number; readonly done: (result: Uint32Array | string) => void }>();
  let nextId = 0;
  let closed = false;

  const settle = (id: number, result: Uint32Array | string): void => {
    const job = open.get(id);
    if (job === undefined) return;
    open.delete(id);
    const entry = workers[job.at];
    if (entry !== undefined) entry.jobs -= 1;
    job.done(result);
  };

  const start = (): number => {
    const at = workers.length;
    const worker = new Worker(join(import.meta.dirname, `tokenize-worker${extname(import.meta.filename)}`), { workerData: { path: options.path } });
    worker.unref();
    worker.on('message', ({ id, ids, problem }: TokenizeDone) => settle(id, ids ?? problem ?? 'no answer'));
    worker.on('error', (error: unknown) => {
      for (const [id, job] of open) if (job.at === at) settle(id, `the tokenizer's thread has ended: ${(error as Error).message}`);
    });
    workers.push({ worker, jobs: 0 });
    return at;
  };

  const leastBusy = (): number => {
    if (workers.length < options.threads && workers.every(({ jobs }) => jobs > 0)) return start();
    return workers.reduce((best, { jobs }, at) => (jobs < (workers[best]?.jobs ?? 0) ? at : best), 0);
  };

  return {
    get waiting() {
      return open.size;
    },
    encode: (prompt) => {
      if (closed || open.size >= MAX_WAITING) return Promise.resolve(closed ? 'closed' : `${open.size} prompts wait for the tokenizer`);
      return new Promise((done) => {
        const at = leastBusy();
        const entry = workers[at];
        nextId += 1;
        open.set(nextId, { at, done });
        if (entry !== undefined) entry.jobs += 1;
        entry?.worker.postMessage({ id: nextId, prompt } satisfies TokenizeJob);
      });
    },
    close: async () => {
      closed = true;
      for (const id of [...open.keys()]) settle(id, 'closed');
      await Promise.all(workers.map(({ worker }) => worker.terminate()));
    },
  };
}
