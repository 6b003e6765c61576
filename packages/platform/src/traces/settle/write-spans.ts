import type { SpanPatch } from '../entry.ts';
import { spanKey } from './group-entries.ts';
import { mergeSpans } from './merge.ts';
import { fromSpanRow, toSpanRow } from './span-row.ts';
import type { Connection } from './tables.ts';

/** Merges the spans of a batch with what is stored of them. */
export async function writeSpans(db: Connection, tenant: string, patches: readonly SpanPatch[]): Promise<void> {
  if (patches.length === 0) return;
  const stored = await db
    .selectFrom('span')
    .selectAll()
    .where('tenant', '=', tenant)
    .where('trace_id', 'in', [...new Set(patches.map((span) => span.traceId))])
    .where('span_id', 'in', [...new Set(patches.map((span) => span.spanId))])
    .execute();
  const earlier = new Map(stored.map((row) => [spanKey(row.trace_id, row.span_id), fromSpanRow(row)]));
  const rows = patches.map((span) => {
    const known = earlier.get(spanKey(span.traceId, span.spanId));
    return toSpanRow(known === undefined ? span : mergeSpans(known, span));
  });
  await db
    .insertInto('span')
    .values(rows)
    .onConflict((conflict) =>
      conflict.columns(['tenant', 'trace_id', 'span_id']).doUpdateSet((eb) => ({
        parent_span_id: eb.ref('excluded.parent_span_id'),
        name: eb.ref('excluded.name'),
        kind: eb.ref('excluded.kind'),
        start_us: eb.ref('excluded.start_us'),
        end_us: eb.ref('excluded.end_us'),
        ttft_us: eb.ref('excluded.ttft_us'),
        status: eb.ref('excluded.status'),
        status_message: eb.ref('excluded.status_message'),
        session: eb.ref('excluded.session'),
        user_id: eb.ref('excluded.user_id'),
        model: eb.ref('excluded.model'),
        input_tokens: eb.ref('excluded.input_tokens'),
        cache_read_tokens: eb.ref('excluded.cache_read_tokens'),
        cache_write_tokens: eb.ref('excluded.cache_write_tokens'),
        output_tokens: eb.ref('excluded.output_tokens'),
        reasoning_tokens: eb.ref('excluded.reasoning_tokens'),
        cost_nano_usd: eb.ref('excluded.cost_nano_usd'),
        input: eb.ref('excluded.input'),
        output: eb.ref('excluded.output'),
        attributes: eb.ref('excluded.attributes'),
      })),
    )
    .execute();
}
