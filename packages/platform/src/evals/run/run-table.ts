import type { EvaluationRun } from '@maru/api/wire';
import { type Kysely, type Selectable, sql } from 'kysely';
import type { Db } from '#store';
import { parseJson } from '../text/parse-json.ts';

export type Tables = Db extends Kysely<infer AllTables> ? AllTables : never;
export type RunRow = Selectable<Tables['evaluation_run']>;

/** What the rows of a run add up to. */
export interface RowCounts {
  readonly done: number;
  readonly failed: number;
  readonly costNanoUsd: number | null;
}
const NO_ROWS: RowCounts = { done: 0, failed: 0, costNanoUsd: null };

/** Done, failed and money per run. */
export async function countRows(db: Db, runIds: readonly string[]): Promise<ReadonlyMap<string, RowCounts>> {
  if (runIds.length === 0) return new Map();
  const rows = await db
    .selectFrom('evaluation_row')
    .where('run_id', 'in', [...runIds])
    .groupBy('run_id')
    .select([
      'run_id',
      sql<number>`sum(case when state in ('succeeded', 'failed') then 1 else 0 end)`.as('done'),
      sql<number>`sum(case when state = 'failed' then 1 else 0 end)`.as('failed'),
      sql<number | null>`cast(sum(cost_nano_usd) as bigint)`.as('cost'),
    ])
    .execute();
  return new Map(rows.map((row) => [row.run_id, { done: row.done, failed: row.failed, costNanoUsd: row.cost }]));
}

const STATES = ['queued', 'running', 'waiting', 'succeeded', 'failed', 'cancelled'] as const;

/** The row of a run as the API shows it. */
export function toEvaluationRun(row: RunRow, counts: RowCounts = NO_ROWS): EvaluationRun {
  const plan = parseJson(row.plan) as { thresholds: Record<string, number> };
  return {
    id: row.id,
    evaluation: row.evaluation,
    dataset: row.dataset,
    target: row.target,
    state: STATES.find((state) => state === row.state) ?? 'failed',
    verdict: row.verdict === 'pass' || row.verdict === 'fail' ? row.verdict : null,
    reasons: parseJson(row.reasons) as string[],
    createdMs: row.created_ms,
    endedMs: row.ended_ms,
    rows: row.rows,
    rowsDone: counts.done,
    rowsFailed: counts.failed,
    means: parseJson(row.means) as Record<string, number | null>,
    thresholds: plan.thresholds,
    costNanoUsd: counts.costNanoUsd,
    error: row.error_code === null ? null : { code: row.error_code, message: row.error_message ?? '' },
  };
}
