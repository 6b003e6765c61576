import { unpackSpans } from './packed-spans.ts';
import { type SpanRow, toSpanRow } from './span-row.ts';
import type { Connection, TraceRow } from './tables.ts';
import { parseValue } from './text.ts';

/** The spans of a whole trace as if they stood in rows of their own; none where they do, and where the text is broken. */
export const decodeOwnSpans = (trace: Pick<TraceRow, 'tenant' | 'trace_id' | 'own_spans'>): readonly SpanRow[] =>
  trace.own_spans === null ? [] : unpackSpans(parseValue(trace.own_spans), { tenant: trace.tenant, traceId: trace.trace_id }).map(toSpanRow);

/** Moves the spans of whole traces into rows of their own, so that later messages can be merged with them. The rows of the traces must be held. */
export async function spreadOwnSpans(db: Connection, of: { readonly tenant: string; readonly traceIds: readonly string[] }): Promise<void> {
  const whole = await db
    .selectFrom('trace')
    .select(['tenant', 'trace_id', 'own_spans'])
    .where('tenant', '=', of.tenant)
    .where('trace_id', 'in', [...of.traceIds])
    .where('own_spans', 'is not', null)
    .execute();
  const traceIds = whole.map((row) => row.trace_id);
  if (traceIds.length === 0) return;
  const rows = whole.flatMap(decodeOwnSpans);
  for (let from = 0; from < rows.length; from += ROWS)
    await db
      .insertInto('span')
      .values(rows.slice(from, from + ROWS))
      .onConflict((conflict) => conflict.columns(['tenant', 'trace_id', 'span_id']).doNothing())
      .execute();
  await db.updateTable('trace').set({ own_spans: null }).where('tenant', '=', of.tenant).where('trace_id', 'in', traceIds).execute();
}

/** Rows of one statement, whose parameters databases count. */
const ROWS = 128;
