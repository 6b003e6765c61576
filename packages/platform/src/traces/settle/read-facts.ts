import { sql } from 'kysely';
import { toUsage } from './span-row.ts';
import type { SpanFacts } from './summarise-trace.ts';
import type { Connection } from './tables.ts';

/** Characters of the input and of the output of a top span that the search looks into. */
const EXCERPT = 2_000;

export interface SpanExcerpt extends SpanFacts {
  readonly excerpt: string;
}

/** The facts of all spans of some traces, by trace; content is read only where the search needs it. */
export async function readFacts(db: Connection, tenant: string, traceIds: readonly string[]): Promise<ReadonlyMap<string, readonly SpanExcerpt[]>> {
  const rows = await db
    .selectFrom('span')
    .select(['trace_id', 'span_id', 'parent_span_id', 'name', 'start_us', 'end_us', 'ttft_us', 'status', 'status_message', 'session', 'user_id', 'model'])
    .select(['input_tokens', 'cache_read_tokens', 'cache_write_tokens', 'output_tokens', 'reasoning_tokens', 'cost_nano_usd'])
    .select([top('input'), top('output')])
    .where('tenant', '=', tenant)
    .where('trace_id', 'in', [...traceIds])
    .execute();
  const facts = new Map<string, SpanExcerpt[]>(traceIds.map((traceId) => [traceId, []]));
  for (const row of rows)
    facts.get(row.trace_id)?.push({
      spanId: row.span_id,
      parentSpanId: row.parent_span_id,
      name: row.name,
      startUs: row.start_us,
      endUs: row.end_us,
      ttftUs: row.ttft_us,
      status: row.status === 'ok' || row.status === 'error' ? row.status : 'unset',
      statusMessage: row.status_message,
      session: row.session,
      user: row.user_id,
      model: row.model,
      usage: toUsage(row),
      costNanoUsd: row.cost_nano_usd,
      excerpt: [row.input, row.output].filter((text) => text !== null).join(' '),
    });
  return facts;
}

const top = <Column extends 'input' | 'output'>(column: Column) =>
  sql<string | null>`case when parent_span_id is null or kind = 'gateway' then substr(${sql.ref(column)}, 1, ${sql.lit(EXCERPT)}) end`.as(column);
