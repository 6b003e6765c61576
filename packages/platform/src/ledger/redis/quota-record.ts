import { type Bucket, counts, type QuotaAnswer, type QuotaAsk, type QuotaView } from '../quota-store.ts';

/** What one process holds of a quota in one window. */
export interface RecordShare {
  readonly startMs: number;
  readonly holder: string;
  readonly granted: number;
  readonly expiresMs: number;
  readonly seen: number;
  readonly reported: number;
  readonly promised: number;
}

/** Everything that is kept of one quota. */
export interface QuotaRecord {
  readonly recall: number;
  readonly recalledMs: number;
  readonly spent: readonly Bucket[];
  readonly shares: readonly RecordShare[];
}

const EMPTY_RECORD: QuotaRecord = { recall: 0, recalledMs: 0, spent: [], shares: [] };

export const parseRecord = (text: string | undefined): QuotaRecord => (text === undefined ? EMPTY_RECORD : (JSON.parse(text) as QuotaRecord));

const isShareOf = (share: RecordShare, ask: Pick<QuotaAsk, 'startMs' | 'holder'>): boolean => share.startMs === ask.startMs && share.holder === ask.holder;

/** The record with what the ask reports, without shares that have run out and amounts that have left the window. */
export function takeReport(record: QuotaRecord, ask: QuotaAsk, nowMs: number): QuotaRecord {
  const spent = new Map(record.spent);
  // A share that has run out still knows which report it has seen: a report whose answer was lost may come that late.
  if ((record.shares.find((share) => isShareOf(share, ask))?.reported ?? -1) < ask.reportNumber)
    for (const [startMs, amount] of ask.report) if (amount > 0) spent.set(startMs, (spent.get(startMs) ?? 0) + amount);
  return {
    ...record,
    spent: [...spent].filter(([startMs]) => counts(ask, startMs, nowMs)).sort(([left], [right]) => left - right),
    shares: record.shares.filter((share) => share.expiresMs > nowMs),
  };
}

export const viewOf = (record: QuotaRecord, ask: QuotaAsk, nowMs: number): QuotaView => ({
  spent: record.spent.filter(([startMs]) => ask.rolling !== undefined || startMs === ask.startMs),
  others: record.shares.filter((share) => share.startMs === ask.startMs && share.holder !== ask.holder),
  recall: record.recall,
  recalledMs: record.recalledMs,
  nowMs,
});

/** The record after the ask was decided. */
export function withAnswer(record: QuotaRecord, { ask, answer, nowMs }: { ask: QuotaAsk; answer: QuotaAnswer; nowMs: number }): QuotaRecord {
  const share: RecordShare = {
    startMs: ask.startMs,
    holder: ask.holder,
    granted: answer.granted,
    expiresMs: nowMs + ask.ttlMs,
    seen: answer.seen,
    reported: ask.reportNumber,
    promised: answer.promised,
  };
  return {
    recall: record.recall + (answer.recalls ? 1 : 0),
    recalledMs: answer.recalls ? nowMs : record.recalledMs,
    spent: record.spent,
    shares: [...record.shares.filter((other) => !isShareOf(other, ask)), share],
  };
}

// A report whose answer was lost comes again within this time, or nothing of it counts any more.
const KEPT_AFTER_MS = 60_000;

/** How long a record says more than its absence would; undefined for ever, where something was spent that leaves no window. */
export function recordLifeMs(record: QuotaRecord, ask: Pick<QuotaAsk, 'rolling'>, nowMs: number): number | undefined {
  if (ask.rolling === undefined && record.spent.length > 0) return undefined;
  const windowMs = ask.rolling === undefined ? 0 : ask.rolling.steps * ask.rolling.stepMs;
  return KEPT_AFTER_MS + record.shares.reduce((longest, share) => Math.max(longest, share.expiresMs - nowMs), windowMs);
}
