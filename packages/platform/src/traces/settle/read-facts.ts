import { sql } from 'kysely';
import { factsOfRow, type SpanFacts } from './span-facts.ts';
import type { Connection } from './tables.ts';
import { EXCERPT, EXCERPT_SPANS, type TraceContents, toExcerpt } from './trace-contents.ts';

/** The facts of all spans of some traces, by trace; content is read only where the search needs it. */
export async function readFacts(db: Connection, tenant: string, traceIds: readonly string[]): Promise<ReadonlyMap<string, TraceContents>> {
  const rows = await db
    .selectFrom('span')
    .select([
      'trace_id',
      'span_id',
      'parent_span_id',
      'name',
      'kind',
      'start_us',
      'end_us',
      'ttft_us',
      'status',
      'status_message',
      'session',
      'user_id',
      'model',
    ])
    .select(['input_tokens', 'cache_read_tokens', 'cache_write_tokens', 'output_tokens', 'reasoning_tokens', 'cost_nano_usd'])
    .where('tenant', '=', tenant)
    .where('trace_id', 'in', [...traceIds])
    .execute();
  const contents = new Map<string, { spans: SpanFacts[]; excerpts: string[] }>(traceIds.map((traceId) => [traceId, { spans: [], excerpts: [] }]));
  for (const row of rows) contents.get(row.trace_id)?.spans.push(factsOfRow(row));
  for (const row of await readExcerpts(db, tenant, traceIds)) contents.get(row.trace_id)?.excerpts.push(toExcerpt(row));
  return contents;
}

/** The beginning of what the first top spans of each trace took in and gave out. */
const readExcerpts = (db: Connection, tenant: string, traceIds: readonly string[]) =>
  db
    .selectFrom(
      db
        .selectFrom('span')
        .where('tenant', '=', tenant)
        .where('trace_id', 'in', [...traceIds])
        .where((eb) => eb.or([eb('parent_span_id', 'is', null), eb('kind', '=', 'gateway')]))
        .where((eb) => eb.or([eb('input', 'is not', null), eb('output', 'is not', null)]))
        .select(['trace_id', 'span_id', sql<number>`row_number() over (partition by trace_id order by start_us, span_id)`.as('place')])
        .as('top'),
    )
    .innerJoin('span', (join) => join.onRef('span.trace_id', '=', 'top.trace_id').onRef('span.span_id', '=', 'top.span_id').on('span.tenant', '=', tenant))
    .where('top.place', '<=', EXCERPT_SPANS)
    .orderBy('top.place')
    .select(['span.trace_id', excerptOf('input'), excerptOf('output')])
    .execute();

const excerptOf = <Column extends 'input' | 'output'>(column: Column) =>
  sql<string | null>`substr(${sql.ref(`span.${column}`)}, 1, ${sql.lit(EXCERPT)})`.as(column);
