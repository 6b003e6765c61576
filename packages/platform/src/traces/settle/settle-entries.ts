import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Store } from '#store';
import type { SpanPatch, TraceEntry } from '../entry.ts';
import { groupEntries, type TenantBatch } from './group-entries.ts';
import { readFacts } from './read-facts.ts';
import { writeFreshTraces } from './write-fresh.ts';
import { writeScores } from './write-scores.ts';
import { writeSpans } from './write-spans.ts';
import { holdTraces, readGiven, writeTraces } from './write-traces.ts';

/** Rows of one transaction: SQLite works on the thread that also answers requests. */
const CHUNK = 128;
/** Spans of one transaction of whole traces, which keep theirs in one row: few milliseconds, in which no request is answered. */
const FRESH_SPANS = 120;

/**
 * Brings entries into the tables: traces that are new whole, of the others first the spans, then once per batch the totals.
 * Doing it twice leaves what doing it once left.
 */
export async function settleEntries(store: Store, entries: readonly TraceEntry[]): Promise<void> {
  for (const [tenant, batch] of groupEntries(entries)) {
    for (const scores of chunksOf([...batch.scores.values()])) await turn(writeScores(store.db, scores));
    const fresh = await settleFresh(store, tenant, batch);
    const known = [...batch.spans.values()].filter((span) => !fresh.has(span.traceId));
    for (const spans of chunksOf(known)) await turn(settleSpans(store, { tenant, batch, spans }));
    // Sorted: two processes that settle the same traces must lock them in one order.
    const touched = [...batch.traces.keys()].filter((traceId) => !fresh.has(traceId)).sort();
    for (const traceIds of chunksOf(touched)) await turn(settleTraces(store, { tenant, batch, traceIds }));
  }
}

/** Settles what nothing is stored of, a few traces in one transaction. Returns the traces that are done. */
async function settleFresh(store: Store, tenant: string, batch: TenantBatch): Promise<ReadonlySet<string>> {
  const done = new Set<string>();
  for (const traces of groupsOf(batch)) {
    const settled = store.db.transaction().execute((db) => writeFreshTraces(db, store.dialect, { tenant, batch, traces }));
    for (const traceId of await settled) done.add(traceId);
    await nextTurn();
  }
  return done;
}

/** Spans by trace, as many traces together as a transaction may have. Traces of very many spans, and those without, are left out. */
function* groupsOf(batch: TenantBatch): Generator<ReadonlyMap<string, readonly SpanPatch[]>> {
  const byTrace = new Map<string, SpanPatch[]>();
  for (const span of batch.spans.values()) {
    const spans = byTrace.get(span.traceId);
    if (spans === undefined) byTrace.set(span.traceId, [span]);
    else spans.push(span);
  }
  let group = new Map<string, readonly SpanPatch[]>();
  let count = 0;
  for (const traceId of [...byTrace.keys()].sort()) {
    const spans = byTrace.get(traceId) ?? [];
    if (spans.length >= CHUNK) continue;
    if (count + spans.length > FRESH_SPANS) {
      yield group;
      group = new Map();
      count = 0;
    }
    group.set(traceId, spans);
    count += spans.length;
  }
  if (group.size > 0) yield group;
}

const settleSpans = (store: Store, what: { tenant: string; batch: TenantBatch; spans: readonly SpanPatch[] }): Promise<void> =>
  store.db.transaction().execute(async (db) => {
    const traceIds = [...new Set(what.spans.map((span) => span.traceId))].sort();
    await holdTraces(db, store.dialect, { tenant: what.tenant, traces: what.batch.traces, traceIds });
    await writeSpans(db, what.tenant, what.spans);
  });

const settleTraces = (store: Store, what: { tenant: string; batch: TenantBatch; traceIds: readonly string[] }): Promise<void> =>
  store.db.transaction().execute(async (db) => {
    const { tenant, batch, traceIds } = what;
    await holdTraces(db, store.dialect, { tenant, traces: batch.traces, traceIds });
    const given = await readGiven(db, tenant, traceIds);
    const facts = await readFacts(db, tenant, traceIds);
    await writeTraces(db, { tenant, batch, given, facts, traceIds });
  });

/** Lets requests through between two transactions. */
const turn = async (work: Promise<void>): Promise<void> => {
  await work;
  await nextTurn();
};

function* chunksOf<T>(items: readonly T[]): Generator<readonly T[]> {
  for (let from = 0; from < items.length; from += CHUNK) yield items.slice(from, from + CHUNK);
}
