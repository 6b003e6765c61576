import type { ChargeRecord } from '../../charge-record.ts';
import { type Bucket, counts, decideQuotas, type QuotaStore, type QuotaUse, type QuotaView } from '../../quota-store.ts';
import type { AccountChange } from '../../add-to-budgets.ts';

interface Slice {
  granted: number;
  expiresMs: number;
  seen: number;
  reported: number;
  promised: number;
}

interface QuotaRow {
  recall: number;
  recalledMs: number;
  /** By beginning of the window or step. */
  readonly spent: Map<number, number>;
  /** By beginning of the calendar window, then by holder. */
  readonly slices: Map<number, Map<string, Slice>>;
}

/** A store of quotas that a simulation can look into. */
export interface WorldStore extends QuotaStore {
  settle(records: readonly ChargeRecord[], holder: string): Promise<readonly AccountChange[]>;
  /** What holders that fulfil a condition may still use beyond what they really use. */
  grantedTo(quotaId: string, startMs: number, isHolder: (holder: string) => boolean): number;
}

/** The tables of quotas in memory, with the same decisions as the database: every call is one transaction. */
export function createMemoryQuotaStore(nowMs: () => number): WorldStore {
  const rows = new Map<string, QuotaRow>();
  const charged = new Set<string>();
  const rowOf = (id: string): QuotaRow => {
    let row = rows.get(id);
    if (row === undefined) {
      row = { recall: 0, recalledMs: 0, spent: new Map(), slices: new Map() };
      rows.set(id, row);
    }
    return row;
  };
  const slicesOf = (id: string, startMs: number): Map<string, Slice> => {
    const { slices } = rowOf(id);
    let found = slices.get(startMs);
    if (found === undefined) {
      found = new Map();
      slices.set(startMs, found);
    }
    return found;
  };

  return {
    exchange(asks) {
      const now = Math.floor(nowMs());
      // A share that has run out still knows which report it has seen, as its row does: a report whose answer was lost may come that late.
      const isNew = asks.map((ask) => (slicesOf(ask.id, ask.startMs).get(ask.holder)?.reported ?? -1) < ask.reportNumber);
      for (const { id } of asks)
        for (const slices of rowOf(id).slices.values()) for (const [holder, slice] of slices) if (slice.expiresMs <= now) slices.delete(holder);
      const views = asks.map((ask, index): QuotaView => {
        const row = rowOf(ask.id);
        const slices = slicesOf(ask.id, ask.startMs);
        if (isNew[index])
          for (const [startMs, amount] of ask.report) if (amount > 0) row.spent.set(startMs, (row.spent.get(startMs) ?? 0) + amount);
        if (ask.rolling !== undefined) for (const startMs of row.spent.keys()) if (!counts(ask, startMs, now)) row.spent.delete(startMs);
        const spent: Bucket[] = [...row.spent]
          .filter(([startMs]) => ask.rolling !== undefined || startMs === ask.startMs)
          .sort(([left], [right]) => left - right);
        const others = [...slices].filter(([holder]) => holder !== ask.holder).map(([, slice]) => slice);
        return { spent, others, recall: row.recall, recalledMs: row.recalledMs, nowMs: now };
      });
      const answers = decideQuotas(asks, views);
      for (const [index, ask] of asks.entries()) {
        const answer = answers[index];
        if (answer === undefined) continue;
        const row = rowOf(ask.id);
        if (answer.recalls) {
          row.recall += 1;
          row.recalledMs = now;
        }
        slicesOf(ask.id, ask.startMs).set(ask.holder, {
          granted: answer.granted,
          expiresMs: now + ask.ttlMs,
          seen: answer.seen,
          reported: ask.reportNumber,
          promised: answer.promised,
        });
      }
      return Promise.resolve({ answers, nowMs: now });
    },
    read(ids) {
      const now = Math.floor(nowMs());
      const uses = new Map<string, QuotaUse>();
      for (const id of ids) {
        const row = rows.get(id);
        if (row === undefined) continue;
        const held = [...row.slices].map(([startMs, slices]): Bucket => [startMs, [...slices.values()].reduce((sum, { granted, expiresMs }) => sum + (expiresMs > now ? granted : 0), 0)]);
        uses.set(id, { spent: [...row.spent], held });
      }
      return Promise.resolve({ uses, nowMs: now });
    },
    recalled(holder) {
      const found: { id: string; startMs: number; holder: string; recall: number }[] = [];
      for (const [id, row] of rows)
        for (const [startMs, slices] of row.slices) {
          const slice = slices.get(holder);
          if (slice !== undefined && slice.seen < row.recall) found.push({ id, startMs, holder, recall: row.recall });
        }
      return Promise.resolve(found);
    },
    release({ id, startMs, holder }) {
      slicesOf(id, startMs).delete(holder);
      return Promise.resolve();
    },
    releaseRuns(prefix) {
      for (const [id, row] of rows) {
        if (id.startsWith('rate/') && !id.endsWith('/concurrent')) continue;
        for (const slices of row.slices.values()) for (const holder of slices.keys()) if (holder.startsWith(prefix)) slices.delete(holder);
      }
      return Promise.resolve();
    },
    settle(records, holder) {
      const changes: AccountChange[] = [];
      for (const { charge, budgets } of records) {
        if (charged.has(charge.id)) continue;
        charged.add(charge.id);
        const cost = charge.costNanoUsd ?? 0;
        for (const { budgetId, windowStartMs } of budgets) {
          const { spent } = rowOf(budgetId);
          spent.set(windowStartMs, (spent.get(windowStartMs) ?? 0) + cost);
          for (const startMs of new Set([windowStartMs, 0])) {
            const slice = slicesOf(budgetId, startMs).get(holder);
            if (slice !== undefined) slice.granted = Math.max(0, slice.granted - cost);
          }
          changes.push({ budgetId, windowStartMs, addedNanoUsd: cost, spentNanoUsd: spent.get(windowStartMs) ?? 0 });
        }
      }
      return Promise.resolve(changes);
    },
    grantedTo(quotaId, startMs, isHolder) {
      let granted = 0;
      for (const [holder, slice] of rows.get(quotaId)?.slices.get(startMs) ?? []) if (slice.expiresMs > nowMs() && isHolder(holder)) granted += slice.granted;
      return granted;
    },
  };
}
