import { PlatformError } from '@maru/api/errors';
import type { EvaluationRow, EvaluationRun, Page } from '@maru/api/wire';
import type { Db } from '#store';
import { toEvaluationRow } from './row-table.ts';
import { countRows, toEvaluationRun } from './run-table.ts';

export interface ListRunsOptions {
  readonly evaluation?: string;
  readonly tenant?: string;
  readonly cursor?: string;
  /** From 1 to 500; 50 unless told. */
  readonly limit?: number;
}

/** One page of runs, newest first. Throws `invalid_request` for a bad cursor or limit. */
export async function listRuns(db: Db, options: ListRunsOptions): Promise<Page<EvaluationRun>> {
  const limit = options.limit ?? 50;
  if (!Number.isInteger(limit) || limit < 1 || limit > 500)
    throw new PlatformError('invalid_request', { message: `limit is ${limit}; it must be a whole number from 1 to 500` });
  const { evaluation, tenant } = options;
  let query = db.selectFrom('evaluation_run').selectAll();
  if (evaluation !== undefined) query = query.where('evaluation', '=', evaluation);
  if (tenant !== undefined) query = query.where('tenant', '=', tenant);
  if (options.cursor !== undefined) {
    const [createdMs, id] = decodeCursor(options.cursor);
    query = query.where((eb) => eb.or([eb('created_ms', '<', createdMs), eb.and([eb('created_ms', '=', createdMs), eb('id', '<', id)])]));
  }
  const rows = await query
    .orderBy('created_ms', 'desc')
    .orderBy('id', 'desc')
    .limit(limit + 1)
    .execute();
  const shown = rows.slice(0, limit);
  const counts = await countRows(
    db,
    shown.map((row) => row.id),
  );
  const last = shown.at(-1);
  return {
    items: shown.map((row) => toEvaluationRun(row, counts.get(row.id))),
    nextCursor: rows.length > limit && last !== undefined ? Buffer.from(JSON.stringify([last.created_ms, last.id])).toString('base64url') : null,
  };
}

/** A run with its rows in the order of the dataset; undefined when there is none. */
export async function getRun(db: Db, runId: string): Promise<{ readonly run: EvaluationRun; readonly rows: readonly EvaluationRow[] } | undefined> {
  const row = await db.selectFrom('evaluation_run').selectAll().where('id', '=', runId).executeTakeFirst();
  if (row === undefined) return undefined;
  const counts = await countRows(db, [runId]);
  const rows = await db.selectFrom('evaluation_row').selectAll().where('run_id', '=', runId).orderBy('position').execute();
  return { run: toEvaluationRun(row, counts.get(runId)), rows: rows.map(toEvaluationRow) };
}

/** Runs that a process began and did not end, oldest first. */
export async function unfinishedRuns(db: Db): Promise<readonly EvaluationRun[]> {
  const rows = await db.selectFrom('evaluation_run').selectAll().where('state', 'in', ['queued', 'running']).orderBy('created_ms').orderBy('id').execute();
  const counts = await countRows(
    db,
    rows.map((row) => row.id),
  );
  return rows.map((row) => toEvaluationRun(row, counts.get(row.id)));
}

function decodeCursor(cursor: string): readonly [number, string] {
  try {
    const value: unknown = JSON.parse(Buffer.from(cursor.slice(0, 2_000), 'base64url').toString('utf8'));
    if (Array.isArray(value) && value.length === 2 && Number.isSafeInteger(value[0]) && typeof value[1] === 'string') return [value[0] as number, value[1]];
  } catch {
    // Answered below, as any other cursor that is not ours.
  }
  throw new PlatformError('invalid_request', { message: 'the cursor is not one that this list gave; leave it out to start from the newest' });
}
