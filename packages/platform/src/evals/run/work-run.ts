import type { EvaluationSpec } from '@maru/api/resources';
import { createEvaluators } from '../evaluators/create-evaluators.ts';
import { decideVerdict } from '../verdict/decide-verdict.ts';
import { parseRowScores } from '../verdict/row-scores.ts';
import type { EvaluationInput, EvaluationProgress, StoredPlan } from './evaluation-plan.ts';
import type { Ownership } from './ownership.ts';
import type { StoredRow } from './row-table.ts';
import { type RowWork, workRow } from './work-row.ts';

export interface RunWork extends Omit<RowWork, 'evaluators' | 'target' | 'owner'> {
  readonly runId: string;
  readonly plan: StoredPlan;
  readonly input: Pick<EvaluationInput, 'target' | 'judges'>;
  readonly concurrency: EvaluationSpec['concurrency'];
  readonly ownership: Ownership;
  readonly onProgress: (progress: EvaluationProgress) => void;
}

/** Finishes the open rows of a run, several at a time, and stores its verdict. Throws the signal's reason when it is aborted. */
export async function workRun(work: RunWork): Promise<void> {
  const evaluators = createEvaluators(work.plan.evaluators, work.input.judges);
  const rows = await readRows(work);
  const open = rows.filter((row) => row.state === 'queued' || row.state === 'answered');
  let rowsDone = rows.length - open.length;
  let rowsFailed = rows.filter((row) => row.state === 'failed').length;
  // One row that can not be stored stops the others: what is asked then could not be kept either.
  const stop = new AbortController();
  const rowWork: RowWork = { ...work, owner: work.ownership.owner, target: work.input.target, evaluators, signal: AbortSignal.any([work.signal, stop.signal]) };
  const worker = async (): Promise<void> => {
    for (let row = open.shift(); row !== undefined; row = open.shift()) {
      rowWork.signal.throwIfAborted();
      const end = await workRow(rowWork, row);
      rowsDone += 1;
      if (end === 'failed') rowsFailed += 1;
      work.onProgress({ runId: work.runId, rows: rows.length, rowsDone, rowsFailed });
    }
  };
  const workers = Array.from({ length: Math.max(1, Math.min(work.concurrency, open.length)) }, () =>
    worker().catch((error: unknown) => {
      stop.abort(error);
      throw error;
    }),
  );
  const ends = await Promise.allSettled(workers);
  const failed = ends.find((end) => end.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
  await finish(work, await readRows(work));
}

const readRows = (work: Pick<RunWork, 'store' | 'runId'>): Promise<StoredRow[]> =>
  work.store.db.selectFrom('evaluation_row').selectAll().where('run_id', '=', work.runId).orderBy('position').execute();

async function finish(work: RunWork, rows: readonly StoredRow[]): Promise<void> {
  const evaluators = createEvaluators(work.plan.evaluators, work.input.judges);
  const finished = rows.map((row) => ({ failed: row.state === 'failed', scores: parseRowScores(row.scores) }));
  const { verdict, reasons, means } = decideVerdict({ evaluators, thresholds: work.plan.thresholds }, finished);
  await work.store.db
    .updateTable('evaluation_run')
    .set({ state: 'succeeded', verdict, reasons: JSON.stringify(reasons), means: JSON.stringify(means), ended_ms: Math.round(work.clock.nowMs()) })
    .where('id', '=', work.runId)
    .execute();
}
