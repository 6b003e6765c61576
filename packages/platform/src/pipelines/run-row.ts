import { PlatformError } from '@maru/api/errors';
import { type Run, type RunStep, runSchema, runStepSchema } from '@maru/api/records';
import type { Insertable, Kysely, Selectable } from 'kysely';
import type { Db } from '#store';

type Tables = Db extends Kysely<infer T> ? T : never;
export type RunRow = Selectable<Tables['pipeline_run']>;
export type NewRunRow = Insertable<Tables['pipeline_run']>;
export type StepRow = Selectable<Tables['pipeline_step']>;

export const OPEN_STATES = ['queued', 'running'] as const;
export const END_STATES = ['succeeded', 'failed', 'cancelled'] as const;

/** Whether a run or step with this state will not change any more. */
export const isEnded = (state: string): boolean => (END_STATES as readonly string[]).includes(state);

/** A run as other rooms see it; progress is the share of steps that have ended. */
export function toRun(row: RunRow, steps: readonly StepRow[]): Run {
  const ended = steps.filter((step) => isEnded(step.state));
  return runSchema.parse({
    id: row.id,
    kind: 'pipeline',
    resource: row.pipeline,
    state: row.state,
    createdMs: row.created_ms,
    startedMs: row.started_ms,
    endedMs: row.ended_ms,
    tenant: row.tenant,
    traceId: row.trace_id,
    input: { cause: row.cause },
    ...(isEnded(row.state) ? { output: Object.fromEntries(steps.map((step) => [step.name, readJson(step.output ?? 'null', step.name)])) } : {}),
    ...(row.error_code === null ? {} : { error: { code: row.error_code, message: row.error_message ?? '' } }),
    progress: steps.length === 0 ? 0 : ended.length / steps.length,
  });
}

/** A step as other rooms see it; one that has not begun carries the time of its run. */
export function toStep(row: StepRow, run: Pick<RunRow, 'created_ms'>): RunStep {
  return runStepSchema.parse({
    runId: row.run_id,
    index: row.step_index,
    name: row.name,
    kind: row.type,
    state: row.state,
    startedMs: row.started_ms ?? run.created_ms,
    endedMs: row.ended_ms,
    input: { attempt: row.attempt },
    ...(row.output === null ? {} : { output: readJson(row.output, row.name) }),
    ...(row.error_code === null ? {} : { error: { code: row.error_code, message: row.error_message ?? '' } }),
  });
}

/** Reads a JSON column; throws `data_corrupt` naming `what`. */
export function readJson(text: string, what: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    throw new PlatformError('data_corrupt', { message: `the stored ${what} is not valid JSON`, cause });
  }
}
