import type { Db } from '#store';
import { traceConditions } from '../query/filter-traces.ts';
import { decodeOwnSpans } from '../settle/own-spans.ts';
import { toSpan } from '../settle/span-row.ts';
import { callsOfTrace, type RecordedCall } from './calls-of-trace.ts';

export interface CallsOptions {
  readonly fromMs: number;
  readonly toMs: number;
  /** Only calls that this model has answered. */
  readonly model?: string | undefined;
  readonly tenant?: string | undefined;
  readonly signal: AbortSignal;
}

const PAGE = 200;

/** The recorded calls in order of time; a page of traces at a time is in memory, and calls that began later than traces that are still to come. */
export async function* readCalls(db: Db, options: CallsOptions): AsyncGenerator<RecordedCall> {
  const { fromMs, toMs, model, tenant, signal } = options;
  const later: RecordedCall[] = [];
  let after: { readonly startUs: number; readonly traceId: string; readonly tenant: string } | undefined;
  while (!signal.aborted) {
    const place = after;
    let query = db
      .selectFrom('trace')
      .select(['tenant', 'trace_id', 'start_us', 'own_spans'])
      .where((eb) =>
        eb.and(traceConditions(eb, { fromMs, toMs, kind: 'gateway', ...(model === undefined ? {} : { model }), ...(tenant === undefined ? {} : { tenant }) })),
      );
    if (place !== undefined)
      query = query.where((eb) =>
        eb.or([
          eb('start_us', '>', place.startUs),
          eb.and([eb('start_us', '=', place.startUs), eb('trace_id', '>', place.traceId)]),
          eb.and([eb('start_us', '=', place.startUs), eb('trace_id', '=', place.traceId), eb('tenant', '>', place.tenant)]),
        ]),
      );
    const rows = await query.orderBy('start_us').orderBy('trace_id').orderBy('tenant').limit(PAGE).execute();
    for (const row of rows) {
      const own = row.own_spans === null ? await spansOf(db, row) : decodeOwnSpans(row);
      for (const call of callsOfTrace(own.map(toSpan))) if (model === undefined || call.model === model) later.push(call);
    }
    const last = rows.at(-1);
    later.sort((left, right) => left.startMs - right.startMs);
    const knownUntilMs = rows.length < PAGE || last === undefined ? Number.POSITIVE_INFINITY : last.start_us / 1000;
    let ready = 0;
    while (ready < later.length && (later[ready]?.startMs ?? 0) < knownUntilMs) ready += 1;
    yield* later.splice(0, ready);
    if (knownUntilMs === Number.POSITIVE_INFINITY || last === undefined) return;
    after = { startUs: last.start_us, traceId: last.trace_id, tenant: last.tenant };
  }
}

const spansOf = (db: Db, { tenant, trace_id }: { readonly tenant: string; readonly trace_id: string }) =>
  db.selectFrom('span').selectAll().where('tenant', '=', tenant).where('trace_id', '=', trace_id).orderBy('start_us').orderBy('span_id').execute();
