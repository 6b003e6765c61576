import { isPlatformError, toPlatformError } from '@maru/api/errors';
import { type RunStep, runStepSchema, type SpanKind, type Usage } from '@maru/api/records';
import type { Db, Store } from '#store';
import type { Clock } from '#time';
import type { RunEvent, RunHub } from './run-events.ts';
import { readJson, type StepRow } from './run-row.ts';
import type { Claim, RunStore } from './run-store.ts';
import type { RunTrace } from './run-trace.ts';

export interface StepStart {
  readonly index: number;
  readonly name: string;
  readonly kind: RunStep['kind'];
  readonly input: unknown;
}

interface StepEnd {
  readonly state: 'succeeded' | 'failed' | 'cancelled';
  readonly output?: unknown;
  readonly error?: { readonly code: string; readonly message: string };
  /** Written in the same transaction. */
  readonly also?: (db: Db) => Promise<void>;
  /** Sent between the commit and `step-end`. */
  readonly event?: RunEvent;
  readonly span?: { readonly model?: string; readonly usage?: Usage };
}

/** An open step: its span is the parent of what happens in it. */
export interface OpenStep extends StepStart {
  readonly spanId: string;
  readonly startedMs: number;
}

/** The log of one run by the holder of its lease; every write fails with `lease_lost` once the lease has gone. */
export interface StepLog {
  find(index: number): Promise<RunStep | undefined>;
  /** Opens the step anew; `also` is written in the same transaction. */
  begin(step: StepStart, also?: (db: Db) => Promise<void>): Promise<OpenStep>;
  /** Writes a step that waits for a person. */
  hold(step: StepStart, also: (db: Db) => Promise<void>): Promise<void>;
  end(step: OpenStep, end: StepEnd): Promise<void>;
  /** Does `work` unless the log has its result already: a step that has succeeded is never done again. */
  once<T>(step: StepStart, work: (open: OpenStep) => Promise<{ output: T; span?: StepEnd['span'] }>): Promise<T>;
}

export interface StepLogOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly runs: RunStore;
  readonly claim: Claim;
  readonly hub: RunHub;
  readonly trace: RunTrace;
}

export function createStepLog(options: StepLogOptions): StepLog {
  const { store, clock, runs, claim, hub, trace } = options;
  const { runId } = claim;

  const write = (change: (db: Db) => Promise<StepRow>): Promise<RunStep> =>
    store.db.transaction().execute(async (db) => {
      await runs.guard(db, claim);
      return toStep(await change(db));
    });

  const upsert = (db: Db, step: StepStart, { state, spanId }: { state: string; spanId: string }): Promise<StepRow> => {
    const fields = { name: step.name, kind: step.kind, state, span_id: spanId, started_ms: clock.nowMs(), input: JSON.stringify(step.input ?? null) };
    return db
      .insertInto('agent_step')
      .values({ run_id: runId, step_index: step.index, attempt: 1, ended_ms: null, output: null, error_code: null, error_message: null, ...fields })
      .onConflict((conflict) =>
        conflict.columns(['run_id', 'step_index']).doUpdateSet((eb) => ({
          ...fields,
          attempt: eb('agent_step.attempt', '+', 1),
          ended_ms: null,
          output: null,
          error_code: null,
          error_message: null,
        })),
      )
      .returningAll()
      .executeTakeFirstOrThrow();
  };

  const find = async (index: number): Promise<RunStep | undefined> => {
    const row = await store.db.selectFrom('agent_step').selectAll().where('run_id', '=', runId).where('step_index', '=', index).executeTakeFirst();
    return row === undefined ? undefined : toStep(row);
  };

  const begin: StepLog['begin'] = async (step, also) => {
    const spanId = trace.newSpanId();
    const logged = await write(async (db) => {
      await also?.(db);
      return upsert(db, step, { state: 'running', spanId });
    });
    hub.emit(runId, { type: 'step-start', step: logged });
    return { ...step, spanId, startedMs: logged.startedMs };
  };

  const end: StepLog['end'] = async (step, result) => {
    const logged = await write(async (db) => {
      await result.also?.(db);
      return db
        .updateTable('agent_step')
        .set({
          state: result.state,
          ended_ms: clock.nowMs(),
          output: result.output === undefined ? null : JSON.stringify(result.output),
          error_code: result.error?.code ?? null,
          error_message: result.error?.message ?? null,
        })
        .where('run_id', '=', runId)
        .where('step_index', '=', step.index)
        .returningAll()
        .executeTakeFirstOrThrow();
    });
    if (result.event !== undefined) hub.emit(runId, result.event);
    hub.emit(runId, { type: 'step-end', step: logged });
    trace.record({
      spanId: step.spanId,
      parentSpanId: trace.agentSpanId,
      name: step.name,
      kind: spanKind(step.kind),
      startMs: step.startedMs,
      endMs: logged.endedMs,
      status: result.state === 'succeeded' ? 'ok' : 'error',
      ...(result.error === undefined ? {} : { statusMessage: `${result.error.code}: ${result.error.message}` }),
      ...result.span,
      input: step.input,
      output: result.output,
      attributes: { 'maru.step.index': step.index, 'maru.step.kind': step.kind },
    });
  };

  return {
    find,
    begin,
    end,
    async hold(step, also) {
      const logged = await write(async (db) => {
        await also(db);
        return upsert(db, step, { state: 'waiting', spanId: trace.newSpanId() });
      });
      hub.emit(runId, { type: 'step-start', step: logged });
    },
    async once<T>(step: StepStart, work: (open: OpenStep) => Promise<{ output: T; span?: StepEnd['span'] }>) {
      const logged = await find(step.index);
      if (logged?.state === 'succeeded') return logged.output as T;
      const open = await begin(step);
      try {
        const { output, span } = await work(open);
        await end(open, { state: 'succeeded', output, ...(span === undefined ? {} : { span }) });
        return output;
      } catch (thrown) {
        // The step stays open: another process, or the next one, takes it up.
        if (isPlatformError(thrown, 'lease_lost') || isPlatformError(thrown, 'shutting_down')) throw thrown;
        const error = toPlatformError(thrown);
        await end(open, { state: error.code === 'cancelled' ? 'cancelled' : 'failed', error: { code: error.code, message: error.message } });
        throw error;
      }
    },
  };
}

/** Steps of a run in order, from index `from`. */
export async function readSteps(store: Store, runId: string, from = 0): Promise<readonly RunStep[]> {
  const rows = await store.db.selectFrom('agent_step').selectAll().where('run_id', '=', runId).where('step_index', '>=', from).orderBy('step_index').execute();
  return rows.map(toStep);
}

const spanKind = (kind: RunStep['kind']): SpanKind => (kind === 'tool' ? 'tool' : 'step');

function toStep(row: StepRow): RunStep {
  const what = `step ${row.step_index} of run ${row.run_id}`;
  return runStepSchema.parse({
    runId: row.run_id,
    index: row.step_index,
    name: row.name,
    kind: row.kind,
    state: row.state,
    startedMs: row.started_ms,
    endedMs: row.ended_ms,
    ...(row.input === null ? {} : { input: readJson(row.input, what) }),
    ...(row.output === null ? {} : { output: readJson(row.output, what) }),
    ...(row.error_code === null ? {} : { error: { code: row.error_code, message: row.error_message ?? '' } }),
  });
}
