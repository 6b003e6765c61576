import type { Dialect } from '#store';
import type { TraceGiven } from '../entry.ts';
import type { TenantBatch } from './group-entries.ts';
import { mergeGiven } from './merge.ts';
import { spreadOwnSpans } from './own-spans.ts';
import type { Connection } from './tables.ts';
import { parseObject } from './text.ts';
import type { TraceContents } from './trace-contents.ts';
import { toTraceRow } from './trace-row.ts';

/** Makes sure that a row of every trace exists, that its spans stand in rows of their own and, on PostgreSQL, that nobody else changes it until the transaction ends. */
export async function holdTraces(
  db: Connection,
  dialect: Dialect,
  what: { tenant: string; traces: ReadonlyMap<string, number>; traceIds: readonly string[] },
): Promise<void> {
  await db
    .insertInto('trace')
    .values(what.traceIds.map((traceId) => toTraceRow({ tenant: what.tenant, traceId, given: {}, contents: NOTHING, atMs: what.traces.get(traceId) ?? 0 })))
    .onConflict((conflict) => conflict.columns(['tenant', 'trace_id']).doNothing())
    .execute();
  if (dialect === 'postgres')
    await db
      .selectFrom('trace')
      .select('trace_id')
      .where('tenant', '=', what.tenant)
      .where('trace_id', 'in', [...what.traceIds])
      .orderBy('trace_id')
      .forUpdate()
      .execute();
  await spreadOwnSpans(db, what);
}

/** What clients have said of the traces so far. */
export async function readGiven(db: Connection, tenant: string, traceIds: readonly string[]): Promise<ReadonlyMap<string, TraceGiven>> {
  const rows = await db
    .selectFrom('trace')
    .select(['trace_id', 'given'])
    .where('tenant', '=', tenant)
    .where('trace_id', 'in', [...traceIds])
    .execute();
  return new Map(rows.map((row) => [row.trace_id, parseObject(row.given) as TraceGiven]));
}

/** What the row of a trace is made of. */
export interface Settled {
  readonly tenant: string;
  readonly batch: TenantBatch;
  readonly given: ReadonlyMap<string, TraceGiven>;
  readonly facts: ReadonlyMap<string, TraceContents>;
  readonly traceIds: readonly string[];
}

/** Writes the totals of every touched trace. */
export async function writeTraces(db: Connection, settled: Settled): Promise<void> {
  await db
    .insertInto('trace')
    .values(
      settled.traceIds.map((traceId) =>
        toTraceRow({
          tenant: settled.tenant,
          traceId,
          given: mergeGiven(settled.given.get(traceId) ?? {}, settled.batch.given.get(traceId) ?? {}),
          contents: settled.facts.get(traceId) ?? NOTHING,
          atMs: settled.batch.traces.get(traceId) ?? 0,
        }),
      ),
    )
    .onConflict((conflict) =>
      conflict.columns(['tenant', 'trace_id']).doUpdateSet((eb) => ({
        name: eb.ref('excluded.name'),
        given: eb.ref('excluded.given'),
        start_us: eb.ref('excluded.start_us'),
        end_us: eb.ref('excluded.end_us'),
        duration_us: eb.ref('excluded.duration_us'),
        ttft_us: eb.ref('excluded.ttft_us'),
        status: eb.ref('excluded.status'),
        status_message: eb.ref('excluded.status_message'),
        session: eb.ref('excluded.session'),
        user_id: eb.ref('excluded.user_id'),
        model: eb.ref('excluded.model'),
        spans: eb.ref('excluded.spans'),
        input_tokens: eb.ref('excluded.input_tokens'),
        cache_read_tokens: eb.ref('excluded.cache_read_tokens'),
        cache_write_tokens: eb.ref('excluded.cache_write_tokens'),
        output_tokens: eb.ref('excluded.output_tokens'),
        reasoning_tokens: eb.ref('excluded.reasoning_tokens'),
        cost_nano_usd: eb.ref('excluded.cost_nano_usd'),
        search_text: eb.ref('excluded.search_text'),
        facets: eb.ref('excluded.facets'),
      })),
    )
    .execute();
}

const NOTHING: TraceContents = Object.freeze({ spans: [], excerpts: [] });
