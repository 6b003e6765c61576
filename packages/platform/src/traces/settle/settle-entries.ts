import type { Store } from '#store';
import type { TraceEntry } from '../entry.ts';
import { groupEntries, type TenantBatch } from './group-entries.ts';
import { readFacts } from './read-facts.ts';
import type { Connection } from './tables.ts';
import { writeScores } from './write-scores.ts';
import { writeSpans } from './write-spans.ts';
import { holdTraces, readGiven, writeTraces } from './write-traces.ts';

const CHUNK = 200;

/** Brings entries into the tables. Doing it twice leaves what doing it once left. */
export async function settleEntries(store: Store, entries: readonly TraceEntry[]): Promise<void> {
  for (let from = 0; from < entries.length; from += CHUNK) {
    const chunk = entries.slice(from, from + CHUNK);
    await store.db.transaction().execute(async (db) => {
      for (const [tenant, batch] of groupEntries(chunk)) await settleTenant(db, store, { tenant, batch });
    });
  }
}

async function settleTenant(db: Connection, store: Store, what: { tenant: string; batch: TenantBatch }): Promise<void> {
  const { tenant, batch } = what;
  await writeScores(db, [...batch.scores.values()]);
  // Sorted: two processes that settle the same traces must lock them in one order.
  const traceIds = [...batch.traces.keys()].sort();
  if (traceIds.length === 0) return;
  await holdTraces(db, store.dialect, { tenant, traces: batch.traces, traceIds });
  const given = await readGiven(db, tenant, traceIds);
  await writeSpans(db, tenant, batch.spans);
  const facts = await readFacts(db, tenant, traceIds);
  await writeTraces(db, { tenant, batch, given, facts });
}
