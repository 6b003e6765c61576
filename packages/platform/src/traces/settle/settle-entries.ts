import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Store } from '#store';
import type { SpanPatch } from '../entry.ts';
import { groupEntries, type TenantBatch, takeApart } from './group-entries.ts';
import type { QueuedEntry } from './queued-entry.ts';
import { readFacts } from './read-facts.ts';
import { toWholeTrace, type WholeTrace } from './whole-trace.ts';
import { writeFreshTraces } from './write-fresh.ts';
import { writeScores } from './write-scores.ts';
import { writeSpans } from './write-spans.ts';
import { holdTraces, readGiven, writeTraces } from './write-traces.ts';

/** Rows of one transaction: SQLite works on the thread that also answers requests. */
const CHUNK = 128;
/** Whole traces of one transaction, and characters of their spans: few milliseconds, in which no request is answered. */
const WHOLE_TRACES = 96;
const WHOLE_LENGTH = 500_000;

/**
 * Brings entries into the tables: traces that are new whole, of the others first the spans, then once per batch the totals.
 * Doing it twice leaves what doing it once left.
 */
export async function settleEntries(store: Store, entries: readonly QueuedEntry[]): Promise<void> {
  for (const [tenant, batch] of groupEntries(entries)) {
    for (const scores of chunksOf([...batch.scores.values()])) await turn(writeScores(store.db, scores));
    const done = await settleFresh(store, tenant, batch);
    const known = [...batch.spans.values()].filter((span) => !done.has(span.traceId));
    for (const spans of chunksOf(known)) await turn(settleSpans(store, { tenant, batch, spans }));
    // Sorted: two processes that settle the same traces must lock them in one order.
    const touched = [...batch.traces.keys()].filter((traceId) => !done.has(traceId)).sort();
    for (const traceIds of chunksOf(touched)) await turn(settleTraces(store, { tenant, batch, traceIds }));
  }
}

/** Settles what nothing is stored of, a few traces in one transaction. Returns those that are done; the spans of the others are in the batch one by one. */
async function settleFresh(store: Store, tenant: string, batch: TenantBatch): Promise<ReadonlySet<string>> {
  const done = new Set<string>();
  // Sorted as above.
  const fresh = [...batch.whole.values(), ...putTogether(tenant, batch)].sort((left, right) => (left.traceId < right.traceId ? -1 : 1));
  for (const traces of groupsOf(fresh)) {
    const known = await store.db.transaction().execute((db) => writeFreshTraces(db, store.dialect, traces));
    for (const { traceId } of traces) done.add(traceId);
    for (const { traceId } of known) {
      done.delete(traceId);
      takeApart(batch, traceId);
    }
    await nextTurn();
  }
  return done;
}

/** The traces that came in parts, but for those of very many spans and those without. They stay in the batch, which knows what their spans left unsaid. */
function putTogether(tenant: string, batch: TenantBatch): readonly WholeTrace[] {
  const byTrace = new Map<string, SpanPatch[]>();
  for (const span of batch.spans.values()) {
    const spans = byTrace.get(span.traceId);
    if (spans === undefined) byTrace.set(span.traceId, [span]);
    else spans.push(span);
  }
  const whole: WholeTrace[] = [];
  for (const [traceId, spans] of byTrace) if (spans.length < CHUNK) whole.push(toWholeTrace({ tenant, traceId, spans, given: batch.given.get(traceId) ?? {} }));
  return whole;
}

/** As many traces together as a transaction may have. */
function* groupsOf(traces: readonly WholeTrace[]): Generator<readonly WholeTrace[]> {
  let group: WholeTrace[] = [];
  let length = 0;
  for (const trace of traces) {
    if (group.length === WHOLE_TRACES || (group.length > 0 && length + trace.spans.length > WHOLE_LENGTH)) {
      yield group;
      group = [];
      length = 0;
    }
    group.push(trace);
    length += trace.spans.length;
  }
  if (group.length > 0) yield group;
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
