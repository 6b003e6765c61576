import type { Charge } from '@maru/api/records';
import { type Db, type Dialect, prepareInsert } from '#store';
import { byKey } from './by-key.ts';
import type { ChargeRecord } from './charge-record.ts';
import { SPEND_KEY, type SpendNames, spendKey, spendNames } from './spend-key.ts';

interface Sums {
  readonly names: SpendNames;
  requests: number;
  errors: number;
  unpriced: number;
  inputTokens: number;
  cacheReadTokens: number;
  cacheWriteTokens: number;
  outputTokens: number;
  reasoningTokens: number;
  costNano: number;
}

const SUMS = [
  'requests',
  'errors',
  'unpriced',
  'input_tokens',
  'cache_read_tokens',
  'cache_write_tokens',
  'output_tokens',
  'reasoning_tokens',
  'cost_nano',
] as const;

const addRows = prepareInsert({ table: 'spend_hour', columns: [...SPEND_KEY, ...SUMS], onConflict: { key: SPEND_KEY, add: SUMS } });

/** Adds charges to the sums per hour and payer. */
export async function addSpend(tx: Db, dialect: Dialect, records: readonly ChargeRecord[]): Promise<void> {
  const sums = new Map<string, Sums>();
  for (const { charge } of records) {
    const key = spendKey(charge);
    let sum = sums.get(key);
    if (sum === undefined) {
      sum = noSums(charge);
      sums.set(key, sum);
    }
    addTo(sum, charge);
  }
  await addRows(
    tx,
    dialect,
    byKey(sums).map((sum) => [
      ...sum.names,
      sum.requests,
      sum.errors,
      sum.unpriced,
      sum.inputTokens,
      sum.cacheReadTokens,
      sum.cacheWriteTokens,
      sum.outputTokens,
      sum.reasoningTokens,
      sum.costNano,
    ]),
  );
}

const noSums = (charge: Charge): Sums => ({
  names: spendNames(charge),
  requests: 0,
  errors: 0,
  unpriced: 0,
  inputTokens: 0,
  cacheReadTokens: 0,
  cacheWriteTokens: 0,
  outputTokens: 0,
  reasoningTokens: 0,
  costNano: 0,
});

function addTo(sum: Sums, { usage, costNanoUsd, outcome }: Charge): void {
  sum.requests += 1;
  if (outcome === 'error') sum.errors += 1;
  if (costNanoUsd === null) sum.unpriced += 1;
  sum.inputTokens += usage.inputTokens;
  sum.cacheReadTokens += usage.cacheReadTokens;
  sum.cacheWriteTokens += usage.cacheWriteTokens;
  sum.outputTokens += usage.outputTokens;
  sum.reasoningTokens += usage.reasoningTokens;
  sum.costNano += costNanoUsd ?? 0;
}
