import { PlatformError } from '@maru/api/errors';
import type { Store } from '#store';
import type { Clock } from '#time';
import type { EvaluationInput, EvaluationPlan, StoredPlan } from './evaluation-plan.ts';

const ROWS_PER_INSERT = 500;

/** Stores a new run with all its rows, in one transaction: a run never has half of its rows. */
export async function beginRun(store: Store, clock: Clock, what: { runId: string; plan: EvaluationPlan; rows: EvaluationInput['rows'] }): Promise<void> {
  const { runId, plan, rows } = what;
  if (rows.length === 0) throw new PlatformError('invalid_request', { message: `the dataset "${plan.spec.dataset}" has no rows` });
  const stored: StoredPlan = { evaluators: plan.spec.evaluators, thresholds: plan.spec.thresholds };
  await store.db.transaction().execute(async (db) => {
    await db
      .insertInto('evaluation_run')
      .values({
        id: runId,
        evaluation: plan.name,
        dataset: plan.spec.dataset,
        target: plan.target,
        tenant: plan.tenant,
        state: 'queued',
        verdict: null,
        reasons: '[]',
        plan: JSON.stringify(stored),
        means: '{}',
        rows: rows.length,
        created_ms: Math.round(clock.nowMs()),
        ended_ms: null,
        error_code: null,
        error_message: null,
        owner: null,
        heartbeat_ms: 0,
      })
      .execute();
    const values = rows.map((row, position) => ({
      run_id: runId,
      position,
      row_id: row.id,
      state: 'queued',
      input: clean(row.input),
      expected: row.expected === undefined ? null : clean(row.expected),
      relevant: row.relevant === undefined ? null : JSON.stringify(row.relevant),
    }));
    for (let from = 0; from < values.length; from += ROWS_PER_INSERT)
      await db
        .insertInto('evaluation_row')
        .values(values.slice(from, from + ROWS_PER_INSERT))
        .execute();
  });
}

/** PostgreSQL refuses the character NUL in text. */
export const clean = (text: string): string => text.replaceAll('\u0000', '\uFFFD');
