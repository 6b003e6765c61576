import type { PlatformError } from '@maru/api/errors';
import { type Quota, type QuotaUnit, shareSpan } from './quota.ts';
import { type Bucket, counts, type QuotaAnswer } from './quota-store.ts';

/** An amount of this process that counts from the beginning of one window or step. */
export interface ShareBucket {
  readonly startMs: number;
  /** Held by requests that run. */
  pending: number;
  /** Used up, and not yet in the store. */
  final: number;
  /** Out of the window: what changes here changes no sum. */
  dead: boolean;
}

/** What this process holds of one quota, in one calendar window where the quota has such. */
export interface QuotaShare {
  readonly quotaId: string;
  readonly unit: QuotaUnit;
  readonly startMs: number;
  /** Infinite where the share stands for ever. */
  readonly endMs: number;
  /** Oldest first; only the last one takes new amounts. */
  buckets: ShareBucket[];
  /** Sum of the buckets that count. */
  used: number;
  granted: number;
  /** Spent by everybody and known to the store, when it was last asked. */
  spent: readonly Bucket[];
  spentSum: number;
  /** No use from memory after this moment (monotonic): what is held could outlive the grant. */
  usableUntil: number;
  /** Monotonic. */
  lastUsed: number;
  /** What was reported last, until the store has confirmed it; it still counts as used here. */
  report: { readonly number: number; readonly buckets: readonly Bucket[] } | undefined;
  flight: Flight | undefined;
  /** The last recall that is known of. */
  recall: number;
  /** Given back to the store: must not be used any more. */
  gone: boolean;
}

/** An exchange with the store that is under way. */
export interface Flight {
  /** Resolves when the store has decided; never rejects with a refusal. */
  readonly done: Promise<void>;
  /** Counts the exchanges that were sent: who came before the first one is answered by this flight. */
  sent: number;
  /** The amount that was refused, and why. */
  refused: { readonly share: QuotaShare; readonly needed: number; readonly error: PlatformError } | undefined;
}

export function createShare(quota: Quota, storeNowMs: number, tickMs: number): QuotaShare {
  const { startMs, endMs = Number.POSITIVE_INFINITY } = shareSpan(quota, storeNowMs);
  return {
    quotaId: quota.id,
    unit: quota.unit,
    startMs,
    endMs,
    buckets: [],
    used: 0,
    granted: 0,
    spent: [],
    spentSum: 0,
    usableUntil: Number.NEGATIVE_INFINITY,
    lastUsed: tickMs,
    report: undefined,
    flight: undefined,
    recall: 0,
    gone: false,
  };
}

/** The bucket in which an amount of now counts. */
export function currentBucket(share: QuotaShare, quota: Quota, storeNowMs: number): ShareBucket {
  const last = share.buckets[share.buckets.length - 1];
  if (last !== undefined && quota.rolling === undefined) return last;
  const startMs = quota.rolling === undefined ? share.startMs : Math.floor(storeNowMs / quota.rolling.stepMs) * quota.rolling.stepMs;
  // Time may seem to go back a little when the clock of the store is measured anew: the newest bucket is right then too.
  if (last !== undefined && last.startMs >= startMs) return last;
  const bucket: ShareBucket = { startMs, pending: 0, final: 0, dead: false };
  share.buckets.push(bucket);
  return bucket;
}

/** Forgets what has left a window that rolls. */
export function tidyShare(share: QuotaShare, quota: Quota, storeNowMs: number): void {
  if (quota.rolling === undefined) return;
  for (let first = share.buckets[0]; first !== undefined && !counts(quota, first.startMs, storeNowMs); first = share.buckets[0]) {
    first.dead = true;
    share.used -= first.pending + first.final;
    share.buckets.shift();
  }
  let dead = 0;
  for (let first = share.spent[0]; first !== undefined && !counts(quota, first[0], storeNowMs); first = share.spent[dead]) {
    share.spentSum -= first[1];
    dead += 1;
  }
  if (dead > 0) share.spent = share.spent.slice(dead);
}

export function hold(share: QuotaShare, bucket: ShareBucket, amount: number): void {
  bucket.pending += amount;
  share.used += amount;
}

/** Ends a hold; `used` of it stays used up in the same window. */
export function settleHold(share: QuotaShare, bucket: ShareBucket, amounts: { readonly held: number; readonly used: number }): void {
  bucket.pending -= amounts.held;
  bucket.final += amounts.used;
  if (!bucket.dead) share.used += amounts.used - amounts.held;
}

/** What is used up and goes to the store: a report that was not confirmed comes again as it was. */
export function nextReport(share: QuotaShare, nextNumber: () => number): { readonly number: number; readonly buckets: readonly Bucket[] } {
  if (share.report !== undefined) return share.report;
  const buckets = share.buckets.filter((bucket) => bucket.final !== 0).map((bucket): Bucket => [bucket.startMs, bucket.final]);
  share.report = { number: buckets.length === 0 ? 0 : nextNumber(), buckets };
  return share.report;
}

/** What is used and not in the report. */
export function usedBuckets(share: QuotaShare, report: readonly Bucket[]): readonly Bucket[] {
  const used: Bucket[] = [];
  for (const bucket of share.buckets) {
    const reported = report.find(([startMs]) => startMs === bucket.startMs)?.[1] ?? 0;
    const amount = bucket.pending + bucket.final - reported;
    if (amount !== 0) used.push([bucket.startMs, amount]);
  }
  return used;
}

/** The store has added the report to what is spent. */
export function confirmReport(share: QuotaShare): void {
  for (const [startMs, amount] of share.report?.buckets ?? []) {
    const bucket = share.buckets.find((each) => each.startMs === startMs);
    if (bucket !== undefined) settleHold(share, bucket, { held: 0, used: -amount });
  }
  share.report = undefined;
}

export function applyAnswer(share: QuotaShare, answer: QuotaAnswer, usableUntil: number): void {
  share.granted = answer.granted;
  share.recall = Math.max(share.recall, answer.recall);
  share.spent = answer.spent;
  share.spentSum = answer.spent.reduce((sum, [, amount]) => sum + amount, 0);
  share.usableUntil = usableUntil;
}

/** A charge that is safe in the spool, and not yet in the store. */
export function addCharge(share: QuotaShare, startMs: number, cost: number): void {
  const bucket = share.buckets.find((each) => each.startMs === startMs);
  if (bucket !== undefined) settleHold(share, bucket, { held: 0, used: cost });
}

/** The money of a settled charge leaves the share: the store holds it as spent. */
export function moveCharge(share: QuotaShare, startMs: number, cost: number): void {
  const bucket = share.buckets.find((each) => each.startMs === startMs);
  if (bucket !== undefined) settleHold(share, bucket, { held: 0, used: -cost });
  share.granted = Math.max(0, share.granted - cost);
  share.spentSum += cost;
  const known = share.spent.find(([start]) => start === startMs);
  share.spent = known === undefined ? [...share.spent, [startMs, cost]] : share.spent.map((each) => (each === known ? [startMs, each[1] + cost] : each));
}
