import { type ChildProcess, fork } from 'node:child_process';
import { PlatformError } from '@maru/api/errors';
import type { LoaderMessage, LoadRequest } from './loader-messages.ts';

export interface LoaderProcessOptions {
  /** The program that loads. */
  readonly entry: string;
  readonly heapMb: number;
  /** Memory of the whole process, with the buffers that are not in its heap. */
  readonly residentMb: number;
}

/** How a process ended: its exit code, or the signal that ended it. */
export interface ProcessEnd {
  readonly type: 'ended';
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A process that loads documents, one at a time. It keeps the platform from exiting only while it loads. */
export class LoaderProcess {
  readonly #child: ChildProcess;
  readonly #ready = Promise.withResolvers<void>();
  /** Resolves when it can load; rejects with `internal` when it ends before that. */
  readonly ready = this.#ready.promise;
  #answer: ((message: LoaderMessage | ProcessEnd) => void) | undefined;
  /** Resolves when the process is gone. */
  readonly ended: Promise<ProcessEnd>;
  /** Documents that it was given. */
  given = 0;

  constructor(options: LoaderProcessOptions) {
    this.#child = fork(options.entry, [String(options.residentMb)], {
      serialization: 'advanced',
      env: {},
      // A parser has no reason to write files or to start programs. This is no wall against code that knows of it.
      execArgv: [`--max-old-space-size=${options.heapMb}`, '--permission', '--allow-fs-read=*', '--allow-worker'],
      // What a parser prints may hold a document.
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    this.ready.catch(() => undefined);
    this.ended = new Promise((resolve) => {
      const end = (result: ProcessEnd, cause?: Error): void => {
        this.#ready.reject(notStarted(result, cause));
        this.#answer?.(result);
        resolve(result);
      };
      this.#child.once('exit', (code, signal) => end({ type: 'ended', code, signal }));
      this.#child.on('error', (cause) => {
        // A process that never came to be has no exit; a message that could not be sent is followed by one.
        if (this.#child.pid === undefined) end({ type: 'ended', code: null, signal: null }, cause);
        else this.kill();
      });
    });
    this.#child.on('message', (message: LoaderMessage) => (message.type === 'ready' ? this.#ready.resolve() : this.#answer?.(message)));
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** Resolves with the answer, or with the end of the process; throws `internal` when the process could not be started at all. */
  async load(request: LoadRequest): Promise<LoaderMessage | ProcessEnd> {
    this.#hold(true);
    try {
      await this.ready;
      this.given += 1;
      const answer = new Promise<LoaderMessage | ProcessEnd>((resolve) => {
        this.#answer = resolve;
      });
      if (this.#child.connected) this.#child.send(request);
      return await Promise.race([answer, this.ended]);
    } finally {
      this.#answer = undefined;
      this.#hold(false);
    }
  }

  /** Ends the process at once; `ended` tells when it is gone. */
  kill(): void {
    this.#child.ref();
    this.#child.kill('SIGKILL');
  }

  #hold(busy: boolean): void {
    if (busy) {
      this.#child.ref();
      this.#child.channel?.ref();
    } else {
      this.#child.unref();
      this.#child.channel?.unref();
    }
  }
}

function notStarted(end: ProcessEnd, cause: Error | undefined): PlatformError {
  const how = cause?.message ?? (end.signal === null ? `it ended with ${end.code}` : `it was ended by ${end.signal}`);
  return new PlatformError('internal', { message: `the process that loads documents could not be started: ${how}`, cause });
}
