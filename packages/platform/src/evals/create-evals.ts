import { isPlatformError, PlatformError, toPlatformError } from '@maru/api/errors';
import type { EvaluationRow, EvaluationRun, Page } from '@maru/api/wire';
import type { Store } from '#store';
import type { Log } from '#telemetry';
import type { Clock, Ids } from '#time';
import { createEvaluators } from './evaluators/create-evaluators.ts';
import type { ScoreSink } from './ports.ts';
import { beginRun } from './run/begin-run.ts';
import type { EvaluationInput, EvaluationPlan, RunOptions, StoredPlan } from './run/evaluation-plan.ts';
import { getRun, type ListRunsOptions, listRuns, unfinishedRuns } from './run/list-runs.ts';
import { Ownership, takenOver } from './run/ownership.ts';
import { workRun } from './run/work-run.ts';
import { parseJson } from './text/parse-json.ts';

export interface EvalsOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  /** Where scores are shown beside the traces of their rows. */
  readonly scores?: ScoreSink;
}

/** A run that has begun, and its end. */
export interface StartedRun {
  readonly run: EvaluationRun;
  /** Resolves with the finished run, also when its verdict is `fail`; rejects when it could not be finished. */
  readonly finished: Promise<EvaluationRun>;
}

/** Measures agents, models and knowledge bases on datasets; every run is durable. */
export interface Evals {
  /**
   * Runs an evaluation to its end. Throws `invalid_request`, `conflict` (the run is worked on elsewhere), `cancelled`,
   * `shutting_down` (it can go on later) or `storage_failed`. A verdict `fail` is a result, not an error.
   */
  run(plan: EvaluationPlan, input: EvaluationInput, options?: RunOptions): Promise<EvaluationRun>;
  /** As `run`, but returns as soon as the run is stored. */
  start(plan: EvaluationPlan, input: EvaluationInput, options?: RunOptions): Promise<StartedRun>;
  list(options: ListRunsOptions): Promise<Page<EvaluationRun>>;
  get(runId: string): Promise<{ readonly run: EvaluationRun; readonly rows: readonly EvaluationRow[] } | undefined>;
  /** Runs that were begun and not ended, for example by a killed process; `run` with their id goes on with them. */
  unfinished(): Promise<readonly EvaluationRun[]>;
  /** Cancels a run of this process; false when it does not run here. */
  cancel(runId: string): boolean;
  /** Stops all runs of this process so that they can go on later, and waits for them. */
  close(): Promise<void>;
}

interface Active {
  readonly abort: AbortController;
  readonly finished: Promise<unknown>;
}

/** Opens the room. Nothing runs until it is asked to. */
export function createEvals(options: EvalsOptions): Evals {
  const { store, clock, ids, log } = options;
  const active = new Map<string, Active>();
  let closed = false;

  const start = async (plan: EvaluationPlan, input: EvaluationInput, runOptions: RunOptions = {}): Promise<StartedRun> => {
    if (closed) throw new PlatformError('shutting_down', { message: 'the platform is about to stop; start the evaluation again later' });
    const runId = runOptions.runId ?? ids.next('eval');
    if (active.has(runId)) throw new PlatformError('conflict', { message: `the evaluation run ${runId} is already running` });
    const abort = new AbortController();
    let settle: (value: unknown) => void = () => undefined;
    // Noted before the first await: two calls with one id must not both pass.
    active.set(runId, { abort, finished: new Promise((resolve) => (settle = resolve)) });
    const done = (): void => {
      active.delete(runId);
      settle(undefined);
    };
    try {
      const stored = await openRun(plan, input, runId);
      if (stored.state === 'succeeded') {
        done();
        return { run: stored, finished: Promise.resolve(stored) };
      }
      const signal = AbortSignal.any([abort.signal, ...(runOptions.signal === undefined ? [] : [runOptions.signal])]);
      const ownership = await Ownership.take({ store, clock }, { runId, owner: ids.next('worker'), lost: () => abort.abort(takenOver(runId)) });
      const finished = work(runId, { plan, input, runOptions, signal, ownership }).finally(done);
      finished.catch(() => undefined);
      return { run: await read(runId), finished };
    } catch (error) {
      done();
      throw error;
    }
  };

  const openRun = async (plan: EvaluationPlan, input: EvaluationInput, runId: string): Promise<EvaluationRun> => {
    const known = await getRun(store.db, runId);
    if (known !== undefined && known.run.evaluation !== plan.name)
      throw new PlatformError('conflict', { message: `the run ${runId} belongs to the evaluation "${known.run.evaluation}", not to "${plan.name}"` });
    if (known === undefined) {
      createEvaluators(plan.spec.evaluators, input.judges);
      await beginRun(store, clock, { runId, plan, rows: input.rows });
    }
    return known?.run ?? read(runId);
  };

  interface Work {
    readonly plan: EvaluationPlan;
    readonly input: EvaluationInput;
    readonly runOptions: RunOptions;
    readonly signal: AbortSignal;
    readonly ownership: Ownership;
  }

  const work = async (runId: string, of: Work): Promise<EvaluationRun> => {
    try {
      const { plan: json, tenant } = await store.db.selectFrom('evaluation_run').select(['plan', 'tenant']).where('id', '=', runId).executeTakeFirstOrThrow();
      const plan = parseJson(json) as StoredPlan;
      const onProgress = of.runOptions.onProgress ?? (() => undefined);
      const { signal, input, ownership } = of;
      await workRun({
        store,
        clock,
        ids,
        log,
        scores: options.scores,
        tenant,
        signal,
        runId,
        plan,
        input,
        ownership,
        concurrency: of.plan.spec.concurrency,
        onProgress,
      });
    } catch (error) {
      await markEnd(runId, error);
      throw of.signal.aborted && !isPlatformError(error) ? cancelled(runId, error) : toPlatformError(error);
    } finally {
      await of.ownership.release().catch((error: unknown) => log.warn({ err: error, run: runId }, 'an evaluation run could not be let go'));
    }
    return read(runId);
  };

  /** A run that was stopped by a shutdown or taken over stays open; any other end is written down. */
  const markEnd = async (runId: string, error: unknown): Promise<void> => {
    if (isPlatformError(error, 'shutting_down') || isPlatformError(error, 'lease_lost')) return;
    const aborted = isPlatformError(error, 'cancelled') || (error instanceof Error && error.name === 'AbortError');
    const { code, message } = aborted ? cancelled(runId, error) : toPlatformError(error);
    const set = { state: aborted ? 'cancelled' : 'failed', error_code: code, error_message: message, ended_ms: Math.round(clock.nowMs()) };
    await store.db
      .updateTable('evaluation_run')
      .set(set)
      .where('id', '=', runId)
      .execute()
      .catch((cause: unknown) => log.error({ err: cause, run: runId }, 'the end of an evaluation run could not be stored'));
  };

  const read = async (runId: string): Promise<EvaluationRun> => {
    const found = await getRun(store.db, runId);
    if (found === undefined) throw new PlatformError('not_found', { message: `there is no evaluation run ${runId}` });
    return found.run;
  };

  return {
    start,
    run: async (plan, input, runOptions) => (await start(plan, input, runOptions)).finished,
    list: (query) => listRuns(store.db, query),
    get: (runId) => getRun(store.db, runId),
    unfinished: () => unfinishedRuns(store.db),
    cancel(runId) {
      const running = active.get(runId);
      running?.abort.abort(cancelled(runId, undefined));
      return running !== undefined;
    },
    async close() {
      closed = true;
      const reason = new PlatformError('shutting_down', { message: 'the platform stops; the evaluation goes on at its next start' });
      for (const running of active.values()) running.abort.abort(reason);
      await Promise.all([...active.values()].map((running) => running.finished));
    },
  };
}

const cancelled = (runId: string, cause: unknown): PlatformError =>
  new PlatformError('cancelled', { message: `the evaluation run ${runId} was cancelled`, cause });
