import { RARE_BUCKETS, type RareBucket } from '@maru/api/records';
import { type Db, type Dialect, prepareInsert } from '#store';
import { byKey } from './by-key.ts';
import type { ChargeRecord } from './charge-record.ts';
import { SPEND_KEY, type SpendNames, spendKey, spendNames } from './spend-key.ts';

interface Sum {
  readonly names: SpendNames;
  readonly bucket: RareBucket;
  amount: number;
}

const addRows = prepareInsert({
  table: 'spend_rare',
  columns: [...SPEND_KEY, 'bucket', 'amount'],
  onConflict: { key: [...SPEND_KEY, 'bucket'], add: ['amount'] },
});

/** Adds the buckets that only some calls have to their sums per hour and payer: nothing is written for the others. */
export async function addRareSpend(tx: Db, dialect: Dialect, records: readonly ChargeRecord[]): Promise<void> {
  const sums = new Map<string, Sum>();
  for (const { charge } of records)
    for (const bucket of RARE_BUCKETS) {
      const amount = charge.usage[bucket] ?? 0;
      if (amount === 0) continue;
      const key = `${spendKey(charge)}\n${bucket}`;
      const sum = sums.get(key);
      if (sum === undefined) sums.set(key, { names: spendNames(charge), bucket, amount });
      else sum.amount += amount;
    }
  await addRows(
    tx,
    dialect,
    byKey(sums).map(({ names, bucket, amount }) => [...names, bucket, amount]),
  );
}
