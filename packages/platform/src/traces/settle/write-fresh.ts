import { type Dialect, prepareInsert, type RowOf } from '#store';
import type { SpanPatch } from '../entry.ts';
import type { TenantBatch } from './group-entries.ts';
import { encodeOwnSpans } from './own-spans.ts';
import { toSpanRow } from './span-row.ts';
import type { Connection } from './tables.ts';
import { cleanText } from './text.ts';
import { contentsOf } from './trace-contents.ts';
import { toTraceRow } from './write-traces.ts';

const COLUMNS = [
  'tenant',
  'trace_id',
  'name',
  'given',
  'start_us',
  'end_us',
  'duration_us',
  'ttft_us',
  'status',
  'status_message',
  'session',
  'user_id',
  'model',
  'spans',
  'input_tokens',
  'cache_read_tokens',
  'cache_write_tokens',
  'output_tokens',
  'reasoning_tokens',
  'cost_nano_usd',
  'search_text',
  'own_spans',
  'facets',
] as const;

const insertTraces = prepareInsert({ table: 'trace', columns: COLUMNS, onConflict: 'keep', returning: ['trace_id'] });

export interface FreshTraces {
  readonly tenant: string;
  readonly batch: TenantBatch;
  /** All spans of the batch, by trace. */
  readonly traces: ReadonlyMap<string, readonly SpanPatch[]>;
}

/**
 * Writes the traces that nobody has stored anything of: whole, each row once, and nothing is read back. A row of a trace exists
 * before its first span does, so a trace without one has no spans either. Returns those that were written; the others need a merge.
 */
export async function writeFreshTraces(db: Connection, dialect: Dialect, { tenant, batch, traces }: FreshTraces): Promise<ReadonlySet<string>> {
  const facts = new Map([...traces].map(([traceId, patches]) => [traceId, contentsOf(patches.map(toSpanRow))]));
  const settled = { tenant, batch, given: new Map(), facts };
  const rows = [...traces].map(([traceId, patches]) => toValues(toTraceRow(settled, traceId, batch.traces.get(traceId) ?? 0), encodeOwnSpans(patches)));
  const written = await insertTraces(db, dialect, rows);
  const stored = new Set(written.map((row) => row.trace_id));
  return new Set([...traces.keys()].filter((traceId) => stored.has(cleanText(traceId))));
}

const toValues = (row: ReturnType<typeof toTraceRow>, ownSpans: string): RowOf<'trace', typeof COLUMNS> => [
  row.tenant,
  row.trace_id,
  row.name,
  row.given,
  row.start_us,
  row.end_us ?? null,
  row.duration_us ?? null,
  row.ttft_us ?? null,
  row.status,
  row.status_message ?? null,
  row.session ?? null,
  row.user_id ?? null,
  row.model ?? null,
  row.spans,
  row.input_tokens,
  row.cache_read_tokens,
  row.cache_write_tokens,
  row.output_tokens,
  row.reasoning_tokens,
  row.cost_nano_usd ?? null,
  row.search_text,
  ownSpans,
  row.facets,
];
