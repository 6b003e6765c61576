import { type Dialect, insertRows } from '#store';
import type { SpanPatch } from '../entry.ts';
import type { TenantBatch } from './group-entries.ts';
import { type SpanRow, toSpanRow } from './span-row.ts';
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
  const spans = new Map([...traces].map(([traceId, patches]) => [traceId, patches.map((patch) => toSpanRow(patch) as SpanRow)]));
  const facts = new Map([...spans].map(([traceId, rows]) => [traceId, contentsOf(rows)]));
  const settled = { tenant, batch, given: new Map(), facts };
  const written = await insertRows(db, dialect, {
    table: 'trace',
    rows: [...traces.keys()].map((traceId) => toTraceRow(settled, traceId, batch.traces.get(traceId) ?? 0)),
    suffix: 'on conflict do nothing returning "trace_id"',
  });
  const stored = new Set(written.map((row) => row['trace_id']));
  const fresh = new Set([...traces.keys()].filter((traceId) => stored.has(cleanText(traceId))));
  await insertRows(db, dialect, { table: 'span', rows: [...fresh].flatMap((traceId) => spans.get(traceId) ?? []) });
  return fresh;
}
