import { parentPort, workerData } from 'node:worker_threads';
import type { ChatParts } from './render-chat.ts';
import { readTokenizer } from './tokenizer-file.ts';

/** What the worker is asked. */
export interface TokenizeJob {
  readonly id: number;
  readonly prompt: string | ChatParts;
}

/** What it answers: token ids, or why there are none. */
export interface TokenizeDone {
  readonly id: number;
  readonly ids?: Uint32Array;
  readonly problem?: string;
}

const tokenizer = readTokenizer((workerData as { readonly path: string }).path);

parentPort?.on('message', (job: TokenizeJob) => {
  void tokenizer
    .then((ready) => {
      const ids = Uint32Array.from(typeof job.prompt === 'string' ? ready.encodePrompt(job.prompt) : ready.encodeChat(job.prompt));
      parentPort?.postMessage({ id: job.id, ids } satisfies TokenizeDone, [ids.buffer]);
    })
    .catch((error: unknown) => parentPort?.postMessage({ id: job.id, problem: (error as Error).message } satisfies TokenizeDone));
});
