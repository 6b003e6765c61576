import { dirname } from 'node:path';
import { isPlatformError, PlatformError, toPlatformError } from '@maru/api/errors';
import type { Run } from '@maru/api/records';
import type { Knowledge } from '#knowledge';
import type { Registry } from '#resources';
import type { Log } from '#telemetry';
import type { Clock, Ids } from '#time';

/** Ingestions of knowledge bases: started by hand, by a pipeline, or when a base is applied. The last of each base are kept for people to look at. */
export interface Ingestions {
  /** Starts one, or joins the one that runs. */
  start(base: string, tenant: string): { readonly run: Run; readonly done: Promise<Readonly<Record<string, unknown>>> };
  list(base?: string): readonly Run[];
  get(runId: string): Run | undefined;
  close(): void;
}

export interface IngestionsOptions {
  readonly registry: Registry;
  readonly knowledge: Knowledge;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
}

const KEPT = 100;

export function createIngestions(options: IngestionsOptions): Ingestions {
  const { registry, knowledge, clock, ids, log } = options;
  const runs = new Map<string, Run>();
  const running = new Map<string, { run: Run; done: Promise<Readonly<Record<string, unknown>>> }>();
  const stopping = new AbortController();

  const keep = (run: Run): Run => {
    runs.delete(run.id);
    runs.set(run.id, run);
    if (runs.size > KEPT) runs.delete(runs.keys().next().value ?? '');
    return run;
  };

  const setStatus = async (base: string, failure?: string): Promise<void> => {
    const status = await knowledge.status(base);
    const message = failure ?? (status.failed > 0 ? `${status.failed} of ${status.documents} documents can not be read` : undefined);
    registry.setStatus('KnowledgeBase', base, {
      phase: failure !== undefined ? 'Failed' : status.failed > 0 ? 'Degraded' : 'Ready',
      documents: status.documents,
      passages: status.passages,
      ...(message === undefined ? {} : { message }),
    });
  };

  const work = async (base: string, first: Run): Promise<Readonly<Record<string, unknown>>> => {
    let run = first;
    try {
      const resource = registry.get('KnowledgeBase', base);
      if (resource === undefined) throw new PlatformError('not_found', { message: `there is no KnowledgeBase called "${base}"` });
      const file = registry.stored('KnowledgeBase', base)?.file;
      const report = await knowledge.ingest(base, {
        spec: resource.spec,
        root: file === null || file === undefined ? '.' : dirname(file),
        runId: run.id,
        signal: stopping.signal,
        onEvent: (event) => {
          if (event.type === 'document-end') run = keep({ ...run, progress: event.total === 0 ? 1 : Math.min(1, event.done / event.total) });
        },
      });
      const output = {
        documents: report.total,
        ingested: report.ingested,
        unchanged: report.unchanged,
        removed: report.removed,
        passages: report.passages,
        failed: report.failed,
      };
      keep({ ...run, state: 'succeeded', endedMs: clock.nowMs(), progress: 1, output });
      await setStatus(base);
      return output;
    } catch (error) {
      const known = toPlatformError(error);
      keep({
        ...run,
        state: isPlatformError(error, 'cancelled') || isPlatformError(error, 'shutting_down') ? 'cancelled' : 'failed',
        endedMs: clock.nowMs(),
        error: { code: known.code, message: known.message },
      });
      if (!stopping.signal.aborted) {
        log.warn({ base, error: known.message }, 'ingestion failed');
        await setStatus(base, known.message);
      }
      throw known;
    } finally {
      running.delete(base);
    }
  };

  return {
    start(base, tenant) {
      const current = running.get(base);
      if (current !== undefined) return { run: runs.get(current.run.id) ?? current.run, done: current.done };
      if (registry.get('KnowledgeBase', base) === undefined) throw new PlatformError('not_found', { message: `there is no KnowledgeBase called "${base}"` });
      const nowMs = clock.nowMs();
      const run = keep({
        id: ids.next('run'),
        kind: 'ingestion',
        resource: base,
        state: 'running',
        createdMs: nowMs,
        startedMs: nowMs,
        endedMs: null,
        tenant,
        traceId: null,
        input: {},
        progress: 0,
      });
      const done = work(base, run);
      // A caller that only wants the run does not wait for the end; the failure is in the run.
      done.catch(() => undefined);
      running.set(base, { run, done });
      return { run, done };
    },
    list: (base) => [...runs.values()].filter((run) => base === undefined || run.resource === base).reverse(),
    get: (runId) => runs.get(runId),
    close: () => stopping.abort(new PlatformError('shutting_down', { message: 'the platform stops; the ingestion goes on at the next start' })),
  };
}
