import { PlatformError, toPlatformError } from '@maru/api/errors';
import type { Run, RunStep } from '@maru/api/records';
import type { Pipeline } from '@maru/api/resources';
import type { Store } from '#store';
import type { Log } from '#telemetry';
import type { Clock, Ids } from '#time';
import { checkPipeline } from './check-pipeline.ts';
import { type DriveDeps, type DriveInput, driveRun } from './drive-run.ts';
import { listRuns, type PipelineRunFilters, type PipelineRunPage } from './list-runs.ts';
import type { PipelinePorts } from './ports.ts';
import { createChangeBell, type PipelineEvent } from './run-events.ts';
import { isEnded, toRun, toStep } from './run-row.ts';
import { type Claim, createRunStore } from './run-store.ts';
import { createScheduler, nextDueMs } from './schedule.ts';
import { streamRun } from './stream-run.ts';

export interface PipelinesOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  readonly ports: PipelinePorts;
  /** After this time without a sign of life another process may take a run over. */
  readonly leaseTtlMs: number;
}

/** Pipelines and their durable runs. */
export interface Pipelines {
  /**
   * Writes a run down and begins it; once this resolves, the run survives a kill of the process.
   * Throws `reference_cycle`, `reference_missing` or `resource_duplicate` when the steps are wrong, `shutting_down` after `close`.
   */
  start(pipeline: Pipeline, options: { readonly tenant: string }): Promise<Run>;
  /** Takes up runs that nobody works on and looks for more of them from then on; returns their ids. `takeOver` ignores running leases: only for a process that is alone with its database. */
  resume(options?: { takeOver?: boolean }): Promise<readonly string[]>;
  /** Replaces the pipelines that run by their schedule. Throws `resource_invalid` when one is not a cron expression. */
  schedule(pipelines: readonly Pipeline[], options: { readonly tenant: string }): void;
  get(runId: string): Promise<Run | undefined>;
  steps(runId: string): Promise<readonly RunStep[]>;
  list(filters?: PipelineRunFilters): Promise<PipelineRunPage>;
  /** Ends a run. Throws `not_found`; a run that has ended is left as it is. */
  cancel(runId: string): Promise<Run>;
  stream(runId: string, options: { readonly signal: AbortSignal }): AsyncIterable<PipelineEvent>;
  /** Stops all work; runs go on after the next start. */
  close(): Promise<void>;
}

/** Opens the room; nothing runs before `start`, `resume` or `schedule`. */
export function createPipelines(options: PipelinesOptions): Pipelines {
  const { store, clock, ids, log, ports, leaseTtlMs } = options;
  const holder = ids.next('holder');
  const runs = createRunStore(store, clock, leaseTtlMs);
  const bell = createChangeBell();
  const deps: DriveDeps = { clock, ids, log, ports, runs, bell };
  const active = new Map<string, { abort(reason: PlatformError): void; done: Promise<void> }>();
  const pending = new Set<Promise<unknown>>();
  let closed = false;
  let sweep: { cancel(): void } | undefined;

  /** Work that `close` waits for. */
  function tracked<T>(work: Promise<T>): Promise<T> {
    const settled = work.finally(() => pending.delete(settled));
    pending.add(settled);
    return settled;
  }

  async function take(runId: string): Promise<boolean> {
    if (closed || active.has(runId)) return false;
    const claimed = await runs.claim(runId, holder);
    if (claimed === undefined) return false;
    const controller = new AbortController();
    const done = work({ ...claimed, signal: controller.signal }, controller)
      .catch((error: unknown) => log.error({ run: runId, error: toPlatformError(error).message }, 'run given up'))
      .finally(() => active.delete(runId));
    active.set(runId, { abort: (reason) => controller.abort(reason), done });
    if (closed) controller.abort(shuttingDown());
    return true;
  }

  async function work(input: DriveInput, controller: AbortController): Promise<void> {
    const { claim, row } = input;
    const beat = startHeartbeat(claim, controller);
    if (row.cancel_requested !== 0) controller.abort(cancelled(row.id));
    const end = await driveRun(deps, input).finally(() => beat.cancel());
    if (end === undefined) {
      await runs.release(claim);
      log.info({ run: row.id }, 'run paused');
      return;
    }
    await runs.end(claim, end);
    ports.spans.record({
      traceId: row.trace_id,
      spanId: row.span_id,
      parentSpanId: null,
      name: `pipeline ${row.pipeline}`,
      kind: 'pipeline',
      startMs: row.started_ms ?? row.created_ms,
      endMs: clock.nowMs(),
      status: end.state === 'succeeded' ? 'ok' : 'error',
      ...(end.error === undefined ? {} : { statusMessage: `${end.error.code}: ${end.error.message}` }),
      tenant: row.tenant,
      attributes: { 'maru.run.id': row.id },
    });
    log.info({ run: row.id, pipeline: row.pipeline, state: end.state }, 'run ended');
    bell.ring(row.id);
  }

  /** Keeps the lease and hears of a cancel that another process asked for. */
  function startHeartbeat(claim: Claim, controller: AbortController): { cancel(): void } {
    let timer = clock.schedule(leaseTtlMs / 3, beat);
    let stopped = false;
    function beat(): void {
      void runs
        .renew(claim)
        .then(({ cancelRequested }) => (cancelRequested ? controller.abort(cancelled(claim.runId)) : undefined))
        .catch((error: unknown) => {
          const reason = toPlatformError(error);
          if (reason.code === 'lease_lost') controller.abort(reason);
          else log.warn({ run: claim.runId, error: reason.message }, 'lease not renewed');
        })
        .finally(() => {
          if (!stopped) timer = clock.schedule(leaseTtlMs / 3, beat);
        });
    }
    return {
      cancel() {
        stopped = true;
        timer.cancel();
      },
    };
  }

  async function lookForWork(): Promise<readonly string[]> {
    const taken: string[] = [];
    if (closed) return taken;
    for (const id of await runs.unattended(100)) if (await take(id)) taken.push(id);
    return taken;
  }

  function scheduleSweep(): void {
    if (closed || sweep !== undefined) return;
    sweep = clock.schedule(leaseTtlMs, () => {
      sweep = undefined;
      const look = lookForWork()
        .catch((error: unknown) => log.error({ error: String(error) }, 'queued runs could not be read'))
        .then(scheduleSweep);
      void tracked(look);
    });
  }

  async function begin(pipeline: Pipeline, { tenant, id, cause }: { tenant: string; id: string; cause: string }): Promise<Run> {
    if (closed) throw shuttingDown();
    checkPipeline(pipeline);
    const { apiVersion, kind, metadata, spec } = pipeline;
    const row = {
      id,
      pipeline: metadata.name,
      tenant,
      state: 'queued',
      cause,
      created_ms: clock.nowMs(),
      started_ms: null,
      ended_ms: null,
      trace_id: ids.traceId(),
      span_id: ids.spanId(),
      resource: JSON.stringify({ apiVersion, kind, metadata: { name: metadata.name }, spec }),
      error_code: null,
      error_message: null,
      cancel_requested: 0,
      lease_holder: null,
      lease_fence: 0,
      lease_until_ms: 0,
    };
    const inserted = await runs.insert(row, spec.steps);
    if (inserted) log.info({ run: id, pipeline: metadata.name, cause }, 'run queued');
    await take(id);
    return needRun(id);
  }

  async function needRun(runId: string): Promise<Run> {
    const found = await runs.get(runId);
    if (found === undefined) throw new PlatformError('not_found', { message: `there is no run "${runId}"` });
    return toRun(found.row, found.steps);
  }

  // The id says which due time it is: of several replicas that wake up, one writes the run.
  let tenantOfSchedule = '';
  const scheduler = createScheduler(clock, (pipeline, dueMs) => {
    const id = `run_${pipeline.metadata.name}_${dueMs}`;
    const begun = begin(pipeline, { tenant: tenantOfSchedule, id, cause: `schedule ${new Date(dueMs).toISOString()}` });
    void tracked(
      begun.catch((error: unknown) => log.error({ pipeline: pipeline.metadata.name, error: toPlatformError(error).message }, 'scheduled run not started')),
    );
  });

  return {
    start: (pipeline, { tenant }) => tracked(begin(pipeline, { tenant, id: ids.next('run'), cause: 'manual' })),
    async resume({ takeOver = false } = {}) {
      if (takeOver) await runs.dropLeases(holder);
      const taken = await tracked(lookForWork());
      scheduleSweep();
      return taken;
    },
    schedule(pipelines, { tenant }) {
      for (const pipeline of pipelines) if (pipeline.spec.schedule !== undefined) nextDueMs(pipeline.spec.schedule, clock.nowMs());
      tenantOfSchedule = tenant;
      if (!closed) scheduler.set(pipelines);
    },
    async get(runId) {
      const found = await runs.get(runId);
      return found === undefined ? undefined : toRun(found.row, found.steps);
    },
    async steps(runId) {
      const found = await runs.get(runId);
      return found === undefined ? [] : found.steps.map((step) => toStep(step, found.row));
    },
    list: (filters) => listRuns(store, filters),
    async cancel(runId) {
      const run = await needRun(runId);
      if (isEnded(run.state)) return run;
      await runs.requestCancel(runId);
      // A run that nobody works on is taken, so that it ends with its steps.
      await tracked(take(runId));
      const drive = active.get(runId);
      drive?.abort(cancelled(runId));
      await drive?.done;
      return needRun(runId);
    },
    stream: (runId, { signal }) => streamRun({ runs, bell, clock }, runId, signal),
    async close() {
      closed = true;
      sweep?.cancel();
      scheduler.close();
      for (const drive of active.values()) drive.abort(shuttingDown());
      await Promise.allSettled([...pending]);
      await Promise.allSettled([...active.values()].map((drive) => drive.done));
    },
  };
}

const cancelled = (runId: string): PlatformError => new PlatformError('cancelled', { message: `run ${runId} was cancelled` });
const shuttingDown = (): PlatformError =>
  new PlatformError('shutting_down', { message: 'the platform is about to stop; the run goes on after the next start' });
