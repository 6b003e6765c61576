import { nanoToUsd } from '@maru/api/records';
import type { Ledger } from '#ledger';
import { type BucketRange, bucketOf, zeros } from './time-buckets.ts';

const HOUR_MS = 3_600_000;
const MOST_CHARGES = 20_000;

/** Dollars per bucket and model. A short range is summed from its charges, a long one from the sums per hour. */
export async function spendSeries(ledger: Ledger, range: BucketRange): Promise<ReadonlyMap<string, readonly number[]>> {
  const fine = (range.toMs - range.fromMs) / range.buckets < HOUR_MS;
  return fine ? fromCharges(ledger, range) : fromHours(ledger, range);
}

async function fromCharges(ledger: Ledger, range: BucketRange): Promise<ReadonlyMap<string, readonly number[]>> {
  const series = new Map<string, number[]>();
  let cursor: string | undefined;
  for (let seen = 0; seen < MOST_CHARGES; ) {
    const page = await ledger.charges({ filters: { fromMs: range.fromMs, toMs: range.toMs }, limit: 1000, cursor });
    for (const charge of page.charges) add(series, { range, model: charge.model, atMs: charge.atMs, costNanoUsd: charge.costNanoUsd ?? 0 });
    seen += page.charges.length;
    cursor = page.nextCursor;
    if (cursor === undefined) break;
  }
  return series;
}

async function fromHours(ledger: Ledger, range: BucketRange): Promise<ReadonlyMap<string, readonly number[]>> {
  const series = new Map<string, number[]>();
  const { fromMs, toMs } = range;
  for (const { group: model } of await ledger.spend({ by: 'model', fromMs, toMs })) {
    for (const row of await ledger.spend({ by: 'hour', model, fromMs, toMs })) {
      // The first hour may begin before the range; what is in it belongs to the first bucket.
      add(series, { range, model, atMs: Math.max(fromMs, Date.parse(row.group)), costNanoUsd: row.costNanoUsd });
    }
  }
  return series;
}

function add(series: Map<string, number[]>, entry: { range: BucketRange; model: string; atMs: number; costNanoUsd: number }): void {
  const values = series.get(entry.model) ?? zeros(entry.range);
  series.set(entry.model, values);
  const bucket = bucketOf(entry.range, entry.atMs);
  if (bucket !== undefined) values[bucket] = (values[bucket] ?? 0) + nanoToUsd(entry.costNanoUsd);
}
