import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Store } from '#store';
import type { SpanPatch, TraceEntry } from '../entry.ts';
import { groupEntries, type TenantBatch } from './group-entries.ts';
import { readFacts } from './read-facts.ts';
import { writeScores } from './write-scores.ts';
import { writeSpans } from './write-spans.ts';
import { holdTraces, readGiven, writeTraces } from './write-traces.ts';

/** Rows of one transaction: SQLite works on the thread that also answers requests. */
const CHUNK = 50;

/**
 * Brings entries into the tables: first the spans, then once per batch the totals of the traces that they belong to.
 * Doing it twice leaves what doing it once left.
 */
export async function settleEntries(store: Store, entries: readonly TraceEntry[]): Promise<void> {
  for (const [tenant, batch] of groupEntries(entries)) {
    for (const scores of chunksOf([...batch.scores.values()])) await turn(writeScores(store.db, scores));
    for (const spans of chunksOf([...batch.spans.values()])) await turn(settleSpans(store, { tenant, batch, spans }));
    // Sorted: two processes that settle the same traces must lock them in one order.
    for (const traceIds of chunksOf([...batch.traces.keys()].sort())) await turn(settleTraces(store, { tenant, batch, traceIds }));
  }
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
