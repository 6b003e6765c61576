import { PlatformError } from '@maru/api/errors';
import type { Run } from '@maru/api/records';
import type { Store } from '#store';
import { type StepRow, toRun } from './run-row.ts';

export interface PipelineRunFilters {
  readonly pipeline?: string;
  readonly tenant?: string;
  readonly state?: Run['state'];
  /** As an earlier page gave it. */
  readonly cursor?: string;
  /** From 1 to 200; 50 when absent. */
  readonly limit?: number;
}

export interface PipelineRunPage {
  readonly items: readonly Run[];
  readonly nextCursor: string | null;
}

/** Runs, newest first. Throws `invalid_request` for a cursor that this function did not give. */
export async function listRuns(store: Store, filters: PipelineRunFilters = {}): Promise<PipelineRunPage> {
  const limit = Math.min(200, Math.max(1, filters.limit ?? 50));
  let query = store.db.selectFrom('pipeline_run').selectAll();
  if (filters.pipeline !== undefined) query = query.where('pipeline', '=', filters.pipeline);
  if (filters.tenant !== undefined) query = query.where('tenant', '=', filters.tenant);
  if (filters.state !== undefined) query = query.where('state', '=', filters.state);
  if (filters.cursor !== undefined) {
    const after = readCursor(filters.cursor);
    query = query.where((eb) => eb.or([eb('created_ms', '<', after.createdMs), eb.and([eb('created_ms', '=', after.createdMs), eb('id', '<', after.id)])]));
  }
  const rows = await query
    .orderBy('created_ms', 'desc')
    .orderBy('id', 'desc')
    .limit(limit + 1)
    .execute();
  const page = rows.slice(0, limit);
  const steps = await stepsOf(
    store,
    page.map((row) => row.id),
  );
  const last = page.at(-1);
  return {
    items: page.map((row) => toRun(row, steps.get(row.id) ?? [])),
    nextCursor: rows.length > limit && last !== undefined ? `${last.created_ms}.${last.id}` : null,
  };
}

async function stepsOf(store: Store, runIds: readonly string[]): Promise<ReadonlyMap<string, StepRow[]>> {
  if (runIds.length === 0) return new Map();
  const rows = await store.db.selectFrom('pipeline_step').selectAll().where('run_id', 'in', runIds).orderBy('step_index').execute();
  return Map.groupBy(rows, (row) => row.run_id);
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
