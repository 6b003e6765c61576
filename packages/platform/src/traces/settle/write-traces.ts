import type { Insertable } from 'kysely';
import type { Dialect } from '#store';
import type { TraceGiven } from '../entry.ts';
import { cutText } from '../limits.ts';
import { toFacets } from './facets.ts';
import type { TenantBatch } from './group-entries.ts';
import { mergeGiven } from './merge.ts';
import { toUs } from './microseconds.ts';
import { spreadOwnSpans } from './own-spans.ts';
import { summariseTrace } from './summarise-trace.ts';
import type { Connection, Tables } from './tables.ts';
import { cleanText, parseObject } from './text.ts';
import type { TraceContents } from './trace-contents.ts';

/** Makes sure that a row of every trace exists, that its spans stand in rows of their own and, on PostgreSQL, that nobody else changes it until the transaction ends. */
export async function holdTraces(
  db: Connection,
  dialect: Dialect,
  what: { tenant: string; traces: ReadonlyMap<string, number>; traceIds: readonly string[] },
): Promise<void> {
  await db
    .insertInto('trace')
    .values(what.traceIds.map((traceId) => emptyTrace(what.tenant, traceId, what.traces.get(traceId) ?? 0)))
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
    .values(settled.traceIds.map((traceId) => toTraceRow(settled, traceId, settled.batch.traces.get(traceId) ?? 0)))
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

export function toTraceRow(settled: Omit<Settled, 'traceIds'>, traceId: string, atMs: number): Insertable<Tables['trace']> {
  const given = mergeGiven(settled.given.get(traceId) ?? {}, settled.batch.given.get(traceId) ?? {});
  const { spans, excerpts } = settled.facts.get(traceId) ?? { spans: [], excerpts: [] };
  const facts = summariseTrace(given, spans, toUs(atMs));
  const search = [facts.name, facts.model, facts.session, facts.user, facts.statusMessage, ...(given.tags ?? []), excerpt(given.input), excerpt(given.output)];
  return {
    tenant: cleanText(settled.tenant),
    trace_id: cleanText(traceId),
    name: cleanText(facts.name),
    given: JSON.stringify(given),
    start_us: facts.startUs,
    end_us: facts.endUs,
    duration_us: facts.durationUs,
    ttft_us: facts.ttftUs,
    status: facts.status,
    status_message: facts.statusMessage,
    session: facts.session === null ? null : cleanText(facts.session),
    user_id: facts.user === null ? null : cleanText(facts.user),
    model: facts.model,
    spans: facts.spans,
    input_tokens: facts.usage.inputTokens,
    cache_read_tokens: facts.usage.cacheReadTokens,
    cache_write_tokens: facts.usage.cacheWriteTokens,
    output_tokens: facts.usage.outputTokens,
    reasoning_tokens: facts.usage.reasoningTokens,
    cost_nano_usd: facts.costNanoUsd,
    search_text: toSearchText([...search, ...excerpts]),
    own_spans: null,
    facets: toFacets(spans),
  };
}

const emptyTrace = (tenant: string, traceId: string, atMs: number): Insertable<Tables['trace']> =>
  toTraceRow(
    { tenant, batch: { spans: new Map(), given: new Map(), scores: new Map(), traces: new Map() }, given: new Map(), facts: new Map() },
    traceId,
    atMs,
  );

const excerpt = (value: unknown): string | null => (value === undefined ? null : cutText(typeof value === 'string' ? value : JSON.stringify(value), 2_000));

/** One form for what is stored and for what is looked for: composed, lower-case. */
export const toSearchText = (parts: readonly (string | null)[]): string =>
  cutText(
    cleanText(
      parts
        .filter((part) => part !== null && part !== '')
        .join(' ')
        .normalize('NFC')
        .toLowerCase(),
    ),
    8_000,
  );
