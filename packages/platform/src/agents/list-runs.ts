import { PlatformError } from '@maru/api/errors';
import { RUN_STATES, type Run } from '@maru/api/records';
import type { Store } from '#store';
import { toRun } from './run-row.ts';

export interface RunFilters {
  readonly agent?: string;
  readonly tenant?: string;
  readonly session?: string;
  readonly state?: Run['state'];
  readonly parentRunId?: string;
  /** As an earlier page gave it. */
  readonly cursor?: string;
  /** From 1 to 200; 50 when absent. */
  readonly limit?: number;
}

export interface RunPage {
  readonly items: readonly Run[];
  readonly nextCursor: string | null;
}

/** Runs, newest first. Throws `invalid_request` for a cursor that this function did not give. */
export async function listRuns(store: Store, filters: RunFilters = {}): Promise<RunPage> {
  const limit = Math.min(200, Math.max(1, filters.limit ?? 50));
  const after = filters.cursor === undefined ? undefined : readCursor(filters.cursor);
  if (filters.state !== undefined && !RUN_STATES.includes(filters.state))
    throw new PlatformError('invalid_request', { message: `"${String(filters.state)}" is not a state of a run; use one of ${RUN_STATES.join(', ')}` });
  let query = store.db.selectFrom('agent_run').selectAll();
  if (filters.agent !== undefined) query = query.where('agent', '=', filters.agent);
  if (filters.tenant !== undefined) query = query.where('tenant', '=', filters.tenant);
  if (filters.session !== undefined) query = query.where('session', '=', filters.session);
  if (filters.state !== undefined) query = query.where('state', '=', filters.state);
  if (filters.parentRunId !== undefined) query = query.where('parent_run_id', '=', filters.parentRunId);
  if (after !== undefined)
    query = query.where((eb) => eb.or([eb('created_ms', '<', after.createdMs), eb.and([eb('created_ms', '=', after.createdMs), eb('id', '<', after.id)])]));
  const rows = await query
    .orderBy('created_ms', 'desc')
    .orderBy('id', 'desc')
    .limit(limit + 1)
    .execute();
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  return { items: page.map(toRun), nextCursor: rows.length > limit && last !== undefined ? `${last.created_ms}.${last.id}` : null };
}

function readCursor(cursor: string): { createdMs: number; id: string } {
  const match = /^(\d{1,16})\.([\w.-]{1,200})$/.exec(cursor);
  if (match?.[1] === undefined || match[2] === undefined)
    throw new PlatformError('invalid_request', {
      message: 'the cursor is not one of this list; leave it out to begin at the newest run',
      details: { param: 'cursor' },
    });
  return { createdMs: Number(match[1]), id: match[2] };
}
