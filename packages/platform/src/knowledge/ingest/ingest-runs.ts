import { isPlatformError, PlatformError, toPlatformError } from '@maru/api/errors';
import type { KnowledgeBaseSpec } from '@maru/api/resources';
import type { Store } from '#store';
import type { Log } from '#telemetry';
import type { Clock, Ids } from '#time';
import type { DocumentLoader } from '../loading/document-loader.ts';
import type { FindEmbedder } from '../ports.ts';
import { acquireBaseLease } from './base-lease.ts';
import { endBase, startBase } from './base-store.ts';
import { ingestBase } from './ingest-base.ts';
import type { IngestEvent, IngestReport } from './ingest-report.ts';

export interface IngestRequest {
  readonly spec: KnowledgeBaseSpec;
  /** Folder that the paths of the sources are relative to: that of the resource's file. */
  readonly root: string;
  /** Name of the run that the caller keeps; made up where absent. */
  readonly runId?: string;
  readonly signal: AbortSignal;
  readonly onEvent?: (event: IngestEvent) => void;
}

export interface IngestProgress {
  readonly runId: string;
  readonly done: number;
  readonly total: number;
}

interface Run {
  readonly asked: string;
  readonly promise: Promise<IngestReport>;
  readonly controller: AbortController;
  readonly listeners: Set<(event: IngestEvent) => void>;
  progress: IngestProgress;
  waiting: number;
}

export interface IngestRunsOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  readonly embed: FindEmbedder;
  readonly loader: DocumentLoader;
}

/** The ingestions that run in this process, at most one per base. */
export class IngestRuns {
  readonly #options: IngestRunsOptions;
  readonly #holder: string;
  readonly #runs = new Map<string, Run>();

  constructor(options: IngestRunsOptions) {
    this.#options = options;
    this.#holder = options.ids.next('ingester');
  }

  progress(base: string): IngestProgress | undefined {
    return this.#runs.get(base)?.progress;
  }

  /** Starts an ingestion, or joins the one that runs with the same settings; throws `conflict` when it runs with others. */
  async ingest(base: string, request: IngestRequest): Promise<IngestReport> {
    if (request.signal.aborted) throw cancelled(base);
    const asked = JSON.stringify([request.root, request.spec]);
    const running = this.#runs.get(base);
    if (running !== undefined && running.asked !== asked)
      throw new PlatformError('conflict', { message: `the knowledge base "${base}" is being ingested with other settings: wait until it ends` });
    const run = running ?? this.#start(base, request, asked);
    return await this.#wait(base, run, request);
  }

  async close(): Promise<void> {
    for (const run of this.#runs.values())
      run.controller.abort(new PlatformError('shutting_down', { message: 'the platform stops; the ingestion goes on at the next start' }));
    await Promise.allSettled([...this.#runs.values()].map((run) => run.promise));
  }

  #start(base: string, request: IngestRequest, asked: string): Run {
    const runId = request.runId ?? this.#options.ids.next('run');
    const controller = new AbortController();
    const listeners = new Set<(event: IngestEvent) => void>();
    const onEvent = (event: IngestEvent): void => {
      if (event.type === 'ingest-start') run.progress = { runId, done: 0, total: event.total };
      if (event.type === 'document-end') run.progress = { runId, done: event.done, total: event.total };
      for (const listener of listeners) listener(event);
    };
    // The run starts in the next turn, when its first listener is there.
    const promise = Promise.resolve().then(() => this.#run(base, request, { runId, controller, onEvent }));
    const run: Run = { asked, promise, controller, listeners, progress: { runId, done: 0, total: 0 }, waiting: 0 };
    this.#runs.set(base, run);
    promise.then(
      () => this.#runs.delete(base),
      () => this.#runs.delete(base),
    );
    return run;
  }

  /** A caller that leaves stops the run only when nobody else waits for it. */
  async #wait(base: string, run: Run, request: IngestRequest): Promise<IngestReport> {
    run.waiting += 1;
    if (request.onEvent !== undefined) run.listeners.add(request.onEvent);
    const left = Promise.withResolvers<never>();
    const onAbort = (): void => {
      if (run.waiting === 1) run.controller.abort(cancelled(base));
      else left.reject(cancelled(base));
    };
    request.signal.addEventListener('abort', onAbort, { once: true });
    try {
      return await Promise.race([run.promise, left.promise]);
    } finally {
      run.waiting -= 1;
      request.signal.removeEventListener('abort', onAbort);
      if (request.onEvent !== undefined) run.listeners.delete(request.onEvent);
    }
  }

  async #run(
    base: string,
    request: IngestRequest,
    run: { runId: string; controller: AbortController; onEvent: (event: IngestEvent) => void },
  ): Promise<IngestReport> {
    const { store, clock, log, loader } = this.#options;
    const { spec } = request;
    const embedder = this.#options.embed(spec.embedding);
    const lease = await acquireBaseLease({ store, clock, base, holder: this.#holder });
    const signal = AbortSignal.any([run.controller.signal, lease.lost]);
    try {
      await startBase(store, { base, settings: { embedding: spec.embedding, ...spec.retrieval }, nowMs: clock.nowMs() });
      const report = await ingestBase({ store, clock, log, embedder, loader, runId: run.runId, base, spec, root: request.root, signal, onEvent: run.onEvent });
      await endBase(store, { base, state: 'ready', nowMs: clock.nowMs(), error: null });
      run.onEvent({ type: 'ingest-end', report });
      return report;
    } catch (error) {
      const known = toIngestError(error, signal);
      const state = known.code === 'cancelled' || known.code === 'shutting_down' ? 'cancelled' : 'failed';
      log.warn({ base, runId: run.runId, code: known.code }, 'ingestion stopped');
      if (known.code !== 'lease_lost') await endBase(store, { base, state, nowMs: clock.nowMs(), error: known.message });
      throw known;
    } finally {
      await lease.release();
    }
  }
}

function toIngestError(error: unknown, signal: AbortSignal): PlatformError {
  if (signal.aborted && isPlatformError(signal.reason)) return signal.reason;
  return isStorageFull(error)
    ? new PlatformError('storage_full', { message: 'there is no space left to write the index', cause: error })
    : toPlatformError(error);
}

const isStorageFull = (error: unknown): boolean => /ENOSPC|disk is full|SQLITE_FULL/i.test(String((error as { message?: unknown }).message));

const cancelled = (base: string): PlatformError =>
  new PlatformError('cancelled', { message: `the ingestion of "${base}" was cancelled; what is read so far is kept` });
