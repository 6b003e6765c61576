import type { Page, TraceSummary } from '@maru/api/wire';
import type { Db } from '#store';
import { decodeCursor, encodeCursor } from './cursor.ts';
import { type TraceFilter, traceConditions } from './filter-traces.ts';
import { pageLimit } from './page-limit.ts';
import { toTraceSummary } from './trace-summary.ts';

export interface ListTracesOptions extends TraceFilter {
  /** As a page before gave it. */
  readonly cursor?: string;
  readonly limit?: number;
}

/** One page of traces, newest first. Paged by key: traces that arrive meanwhile neither repeat nor hide others. */
export async function listTraces(db: Db, options: ListTracesOptions): Promise<Page<TraceSummary>> {
  const limit = pageLimit(options.limit);
  let query = db.selectFrom('trace').selectAll();
  query = query.where((eb) => eb.and(traceConditions(eb, options)));
  if (options.cursor !== undefined) {
    const [startUs, traceId, tenant] = decodeCursor('traces', options.cursor, ['number', 'string', 'string']) as [number, string, string];
    query = query.where((eb) =>
      eb.or([
        eb('start_us', '<', startUs),
        eb.and([eb('start_us', '=', startUs), eb('trace_id', '<', traceId)]),
        eb.and([eb('start_us', '=', startUs), eb('trace_id', '=', traceId), eb('tenant', '<', tenant)]),
      ]),
    );
  }
  const rows = await query
    .orderBy('start_us', 'desc')
    .orderBy('trace_id', 'desc')
    .orderBy('tenant', 'desc')
    .limit(limit + 1)
    .execute();
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  return {
    items: shown.map(toTraceSummary),
    nextCursor: rows.length > limit && last !== undefined ? encodeCursor('traces', [last.start_us, last.trace_id, last.tenant]) : null,
  };
}
