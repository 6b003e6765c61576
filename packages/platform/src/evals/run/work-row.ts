import { isPlatformError, toPlatformError } from '@maru/api/errors';
import type { Store } from '#store';
import type { Log } from '#telemetry';
import { backoffMs, type Clock, type Ids } from '#time';
import type { Evaluator } from '../evaluators/evaluator.ts';
import { missing } from '../evaluators/evaluator.ts';
import type { ScoreSink, Target, TargetReply } from '../ports.ts';
import { type RowScores, toRowScore } from '../verdict/row-scores.ts';
import { clean } from './begin-run.ts';
import { takenOver } from './ownership.ts';
import { type StoredRow, toAnsweredRow } from './row-table.ts';

const ATTEMPTS = 3;
const ROW_TIMEOUT_MS = 10 * 60_000;
const MAX_TEXT = 200_000;

export interface RowWork {
  readonly store: Store;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  readonly scores: ScoreSink | undefined;
  readonly target: Target;
  readonly evaluators: readonly Evaluator[];
  readonly tenant: string;
  readonly owner: string;
  readonly signal: AbortSignal;
}

/**
 * Brings one row to its end: the answer is stored before it is judged, so that it is never asked for twice. A row whose
 * target fails is `failed` and the run goes on; only an aborted signal leaves the row open.
 */
export async function workRow(work: RowWork, row: StoredRow): Promise<'succeeded' | 'failed'> {
  const answered = row.state === 'answered' ? row : await answerRow(work, row);
  if (answered === undefined) return 'failed';
  const scores: Record<string, RowScores[string]> = {};
  for (const evaluator of work.evaluators) scores[evaluator.name] = toRowScore(await judgeRow(work, evaluator, answered));
  await update(work, row, { state: 'succeeded', scores: JSON.stringify(scores) });
  await publishScores(work, answered, scores);
  return 'succeeded';
}

async function answerRow(work: RowWork, row: StoredRow): Promise<StoredRow | undefined> {
  const startedMs = work.clock.monotonicMs();
  const took = (): number => Math.round(work.clock.monotonicMs() - startedMs);
  try {
    const reply = await askTarget(work, row.input);
    const answer = {
      state: 'answered',
      answer: clean(reply.answer.slice(0, MAX_TEXT)),
      passages: JSON.stringify(reply.passages.slice(0, 200).map((passage) => ({ ...passage, text: passage.text.slice(0, MAX_TEXT) }))),
      usage: reply.usage === null ? null : JSON.stringify(reply.usage),
      cost_nano_usd: reply.costNanoUsd,
      trace_id: reply.traceId,
      duration_ms: took(),
    };
    await update(work, row, answer);
    return { ...row, ...answer };
  } catch (error) {
    work.signal.throwIfAborted();
    if (isPlatformError(error, 'lease_lost')) throw error;
    const { code, message } = toPlatformError(error);
    await update(work, row, { state: 'failed', error_code: code, error_message: clean(message.slice(0, 2_000)), duration_ms: took() });
    return undefined;
  }
}

async function askTarget(work: RowWork, input: string): Promise<TargetReply> {
  const session = work.ids.next('session');
  for (let attempt = 0; ; attempt += 1) {
    const deadline = new AbortController();
    const timer = work.clock.schedule(ROW_TIMEOUT_MS, () => deadline.abort(toTimeout()));
    try {
      return await work.target.ask(input, { signal: AbortSignal.any([work.signal, deadline.signal]), session });
    } catch (error) {
      work.signal.throwIfAborted();
      if (attempt + 1 >= ATTEMPTS || !isPlatformError(error) || !error.retryable) throw error;
      const delayMs = error.retryAfterS === undefined ? backoffMs(attempt, { baseMs: 500, maxMs: 10_000, random: work.ids.random }) : error.retryAfterS * 1000;
      await work.clock.sleep(Math.min(delayMs, 60_000), work.signal);
    } finally {
      timer.cancel();
    }
  }
}

const toTimeout = () => toPlatformError(undefined, 'upstream_timeout');

/** A judge that fails leaves the score missing and says why; it never costs the answer. */
async function judgeRow(work: RowWork, evaluator: Evaluator, row: StoredRow) {
  try {
    return await evaluator.evaluate(toAnsweredRow(row), work.signal);
  } catch (error) {
    work.signal.throwIfAborted();
    const { code, message } = toPlatformError(error);
    return missing(`${code}: ${message}`);
  }
}

/** Writes to a row only while the run is still ours: a late writer must never undo what its successor has done. */
async function update(work: RowWork, row: StoredRow, set: Partial<StoredRow>): Promise<void> {
  const result = await work.store.db
    .updateTable('evaluation_row')
    .set(set)
    .where('run_id', '=', row.run_id)
    .where('position', '=', row.position)
    .where((eb) => eb.exists(eb.selectFrom('evaluation_run').select('id').where('id', '=', row.run_id).where('owner', '=', work.owner)))
    .executeTakeFirst();
  if (result.numUpdatedRows === 0n) throw takenOver(row.run_id);
}

async function publishScores(work: RowWork, row: StoredRow, scores: RowScores): Promise<void> {
  if (work.scores === undefined || row.trace_id === null) return;
  for (const [name, { value, reason }] of Object.entries(scores)) {
    if (value === null) continue;
    const comment = reason === null ? {} : { comment: reason };
    const of = { traceId: row.trace_id, runId: row.run_id, row: row.row_id };
    try {
      // The same id on every attempt: a run that goes on replaces its scores instead of doubling them.
      await work.scores.addScore({ id: `${row.run_id}/${row.position}/${name}`, tenant: work.tenant, name, value, source: 'evaluator', ...of, ...comment });
    } catch (error) {
      work.log.warn({ err: error, run: row.run_id, row: row.row_id }, 'a score could not be shown beside its trace');
    }
  }
}
