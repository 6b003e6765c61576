import { extname, join } from 'node:path';
import { PlatformError } from '@maru/api/errors';
import type { Log } from '#telemetry';
import type { Clock, Timer } from '#time';
import type { DocumentKind } from '../loaders/detect-kind.ts';
import { loadDocument } from '../loaders/load-document.ts';
import type { LoadedDocument, LoadInput } from '../loaders/loaded-document.ts';
import { LoaderProcess, type ProcessEnd } from './loader-process.ts';
import { untilAborted } from './until-aborted.ts';

/** What the loading of one document may take. */
export interface LoadingLimits {
  /** Time for one document; 60 s where absent. */
  readonly documentTimeoutMs?: number;
  /** Heap of the loader process, in MB; 512 where absent. Its code and buffers may take 192 MB more. */
  readonly heapMb?: number;
  /** How long the loader process waits for the next document before it ends; 5 s where absent. */
  readonly idleMs?: number;
}

export interface DocumentLoaderOptions {
  readonly clock: Clock;
  readonly log: Log;
  readonly limits?: LoadingLimits;
  /** The program of the loader process. */
  readonly entry?: string;
}

/** The same name with the ending of this file: `.ts` in a checkout, `.js` in the package. */
const ENTRY = join(import.meta.dirname, `loader-child${extname(import.meta.filename)}`);

const HEAP_MB = 512;
/** Code and buffers, which are not in the heap. */
const OUTSIDE_HEAP_MB = 192;
const TIMEOUT_MS = 60_000;
const IDLE_MS = 5000;

/** Plain text of this size is loaded sooner than it is sent, and without a heavy library. */
const INLINE_BYTES = 64 * 1024;
const INLINE_KINDS: ReadonlySet<DocumentKind> = new Set(['text', 'csv']);

/**
 * Loads documents in a process of its own, one after the other for all ingestions. The process starts with the first document and
 * ends when nothing came for a while. One that is killed or crashes takes its document with it, and the next document gets a new one.
 */
export class DocumentLoader {
  readonly #options: DocumentLoaderOptions;
  readonly #closing = new AbortController();
  #process: LoaderProcess | undefined;
  #idle: Timer | undefined;
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: DocumentLoaderOptions) {
    this.#options = options;
  }

  /**
   * Throws `document_unreadable` or `document_too_large`; `details.again` is true when another attempt may end better. Throws the
   * reason of the signal as soon as it is aborted, and `shutting_down` after the close.
   */
  async load(kind: DocumentKind, input: LoadInput): Promise<LoadedDocument> {
    const signal = AbortSignal.any([input.signal, this.#closing.signal]);
    signal.throwIfAborted();
    if (INLINE_KINDS.has(kind) && input.bytes.length <= INLINE_BYTES) return await loadDocument(kind, input);
    const turn = this.#last.then(() => this.#loadApart(kind, { ...input, signal }));
    this.#last = turn.catch(() => undefined);
    return await untilAborted(turn, signal);
  }

  /** Ends the process, and with it the document that is being loaded. */
  async close(): Promise<void> {
    this.#closing.abort(new PlatformError('shutting_down', { message: 'the platform stops; no more documents are loaded' }));
    await this.#last;
    await this.#end();
  }

  async #loadApart(kind: DocumentKind, input: LoadInput): Promise<LoadedDocument> {
    const { path, bytes, maxUnpackedBytes, signal } = input;
    const timeoutMs = this.#options.limits?.documentTimeoutMs ?? TIMEOUT_MS;
    for (;;) {
      signal.throwIfAborted();
      this.#idle?.cancel();
      const loader = this.#process ?? this.#start();
      const kill = (): void => loader.kill();
      let late = false;
      const deadline = this.#options.clock.schedule(timeoutMs, () => {
        late = true;
        kill();
      });
      signal.addEventListener('abort', kill, { once: true });
      try {
        const answer = await loader.load({ kind, path, bytes, maxUnpackedBytes });
        if (answer.type === 'loaded') return answer.document;
        if (answer.type === 'refused') throw new PlatformError(answer.code, { message: answer.message, details: { path } });
        if (this.#process === loader) this.#process = undefined;
        signal.throwIfAborted();
        if (late) throw unfinished('document_unreadable', path, `took more than ${timeoutMs / 1000} s to load and was given up: split it, or repair it`);
        // What earlier documents left in a process is not held against this one: it gets a process of its own first.
        if (answer.type === 'ended' && loader.given === 1) throw this.#crashed(path, answer);
      } finally {
        deadline.cancel();
        signal.removeEventListener('abort', kill);
        this.#rest();
      }
    }
  }

  #start(): LoaderProcess {
    const { entry = ENTRY, limits, log } = this.#options;
    const heapMb = limits?.heapMb ?? HEAP_MB;
    const loader = new LoaderProcess({ entry, heapMb, residentMb: heapMb + OUTSIDE_HEAP_MB });
    this.#process = loader;
    loader.ready.then(
      () => log.debug({ pid: loader.pid }, 'loader process started'),
      () => undefined,
    );
    void loader.ended.then(({ code, signal }) => {
      if (this.#process === loader) this.#process = undefined;
      log.debug({ pid: loader.pid, code, signal }, 'loader process ended');
    });
    return loader;
  }

  #rest(): void {
    this.#idle?.cancel();
    this.#idle = this.#options.clock.schedule(this.#options.limits?.idleMs ?? IDLE_MS, () => void this.#end());
  }

  async #end(): Promise<void> {
    this.#idle?.cancel();
    const loader = this.#process;
    this.#process = undefined;
    loader?.kill();
    await loader?.ended;
  }

  #crashed(path: string, end: ProcessEnd): PlatformError {
    const heapMb = this.#options.limits?.heapMb ?? HEAP_MB;
    // Node ends with an abort when its heap is full, the watch thread and the system with a kill when the process is too large.
    if (end.signal === 'SIGABRT' || end.signal === 'SIGKILL' || end.code === 134)
      return unfinished('document_too_large', path, `could not be loaded in ${heapMb + OUTSIDE_HEAP_MB} MB of memory (${end.signal ?? end.code}): split it`);
    return unfinished('document_unreadable', path, `made its loader crash (${end.signal ?? `exit code ${end.code}`}): repair it, or save it in another format`);
  }
}

function unfinished(code: 'document_unreadable' | 'document_too_large', path: string, what: string): PlatformError {
  return new PlatformError(code, { message: `${path} ${what}`, details: { path, again: true } });
}
