import type { Score } from '@maru/api/records';
import type { TraceDetail } from '@maru/api/wire';
import type { Db } from '#store';
import type { TraceGiven } from '../entry.ts';
import { decodeOwnSpans } from '../settle/own-spans.ts';
import { type SpanRow, toSpan } from '../settle/span-row.ts';
import type { ScoreRow } from '../settle/tables.ts';
import { parseObject } from '../settle/text.ts';
import { toTraceSummary } from './trace-summary.ts';

/** A trace with all its spans in the order of their start, its scores, and what the client said of it as a whole. */
export interface FullTrace extends TraceDetail {
  readonly given: TraceGiven;
}

/** One trace, or undefined; without a tenant (for an administrator) of any tenant. */
export async function getTrace(db: Db, traceId: string, tenant?: string): Promise<FullTrace | undefined> {
  let query = db.selectFrom('trace').selectAll().where('trace_id', '=', traceId);
  if (tenant !== undefined) query = query.where('tenant', '=', tenant);
  const trace = await query.orderBy('start_us').orderBy('tenant').limit(1).executeTakeFirst();
  if (trace === undefined) return undefined;
  const of = { tenant: trace.tenant, trace_id: trace.trace_id };
  const stored = await db.selectFrom('span').selectAll().where('tenant', '=', of.tenant).where('trace_id', '=', of.trace_id).execute();
  const spans = [...stored, ...decodeOwnSpans(trace)].sort(byStart);
  const scores = await db
    .selectFrom('score')
    .selectAll()
    .where('tenant', '=', of.tenant)
    .where('trace_id', '=', of.trace_id)
    .orderBy('at_ms')
    .orderBy('id')
    .execute();
  return { summary: toTraceSummary(trace), spans: spans.map(toSpan), scores: scores.map(toScore), given: parseObject(trace.given) as TraceGiven };
}

const byStart = (left: SpanRow, right: SpanRow): number => left.start_us - right.start_us || (left.span_id < right.span_id ? -1 : 1);

/** The row of a score as a record. */
const toScore = (row: ScoreRow): Score => ({
  id: row.id,
  name: row.name,
  value: row.value,
  source: row.source === 'evaluator' || row.source === 'person' ? row.source : 'api',
  atMs: row.at_ms,
  ...(row.label === null ? {} : { label: row.label }),
  ...(row.comment === null ? {} : { comment: row.comment }),
  ...(row.trace_id === null ? {} : { traceId: row.trace_id }),
  ...(row.span_id === null ? {} : { spanId: row.span_id }),
  ...(row.session === null ? {} : { session: row.session }),
  ...(row.run_id === null ? {} : { runId: row.run_id }),
  ...(row.row_id === null ? {} : { row: row.row_id }),
});
