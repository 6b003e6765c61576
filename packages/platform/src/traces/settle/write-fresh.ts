import { type Dialect, insertRows } from '#store';
import type { SpanPatch } from '../entry.ts';
import type { TenantBatch } from './group-entries.ts';
import { encodeOwnSpans } from './own-spans.ts';
import { toSpanRow } from './span-row.ts';
import type { Connection } from './tables.ts';
import { cleanText } from './text.ts';
import { contentsOf } from './trace-contents.ts';
import { toTraceRow } from './write-traces.ts';

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
  const written = await insertRows(db, dialect, {
    table: 'trace',
    rows: [...traces].map(([traceId, patches]) => ({ ...toTraceRow(settled, traceId, batch.traces.get(traceId) ?? 0), own_spans: encodeOwnSpans(patches) })),
    suffix: 'on conflict do nothing returning "trace_id"',
  });
  const stored = new Set(written.map((row) => row['trace_id']));
  return new Set([...traces.keys()].filter((traceId) => stored.has(cleanText(traceId))));
}
