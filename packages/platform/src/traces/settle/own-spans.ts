import type { SpanPatch } from '../entry.ts';
import { type SpanRow, toSpanRow } from './span-row.ts';
import type { Connection, TraceRow } from './tables.ts';
import { parseValue } from './text.ts';

/** The spans of a trace that came whole, as its own row keeps them: one row costs the database a third of four. */
export const encodeOwnSpans = (patches: readonly SpanPatch[]): string => JSON.stringify(patches.map(({ tenant: _tenant, traceId: _traceId, ...own }) => own));

/** The spans of a whole trace as if they stood in rows of their own; none where they do, and where the text is broken. */
export function decodeOwnSpans(trace: Pick<TraceRow, 'tenant' | 'trace_id' | 'own_spans'>): readonly SpanRow[] {
  const value = trace.own_spans === null ? undefined : parseValue(trace.own_spans);
  return Array.isArray(value) ? (value as SpanPatch[]).map((own) => toSpanRow({ ...own, tenant: trace.tenant, traceId: trace.trace_id })) : [];
}

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
