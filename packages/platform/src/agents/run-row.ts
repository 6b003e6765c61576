import { PlatformError } from '@maru/api/errors';
import { type Run, runSchema } from '@maru/api/records';
import type { Insertable, Kysely, Selectable } from 'kysely';
import type { Db } from '#store';

type Tables = Db extends Kysely<infer T> ? T : never;
export type RunRow = Selectable<Tables['agent_run']>;
export type NewRunRow = Insertable<Tables['agent_run']>;
export type StepRow = Selectable<Tables['agent_step']>;
export type ToolCallRow = Selectable<Tables['agent_tool_call']>;

export const OPEN_STATES = ['queued', 'running'] as const;
export const END_STATES = ['succeeded', 'failed', 'cancelled'] as const;

/** Whether a run or step with this state will not change any more. */
export const isEnded = (state: string): boolean => (END_STATES as readonly string[]).includes(state);

/** A run as other rooms see it. */
export function toRun(row: RunRow): Run {
  return runSchema.parse({
    id: row.id,
    kind: 'agent',
    resource: row.agent,
    state: row.state,
    createdMs: row.created_ms,
    startedMs: row.started_ms,
    endedMs: row.ended_ms,
    tenant: row.tenant,
    traceId: row.trace_id,
    input: readJson(row.input, `input of run ${row.id}`),
    ...(row.output === null ? {} : { output: readJson(row.output, `output of run ${row.id}`) }),
    ...(row.error_code === null ? {} : { error: { code: row.error_code, message: row.error_message ?? '' } }),
  });
}

/** Reads a JSON column; throws `data_corrupt` naming `what`. */
export function readJson(text: string, what: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    throw new PlatformError('data_corrupt', { message: `the ${what} is not valid JSON`, cause });
  }
}
