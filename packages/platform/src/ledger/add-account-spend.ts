import { completionTokens, promptTokens } from '@maru/api/records';
import { type Db, type Dialect, prepareInsert, type RowOf } from '#store';
import { dayOf } from './budget-window.ts';
import { byKey } from './by-key.ts';
import type { ChargeRecord } from './charge-record.ts';
import { joinKey } from './join-key.ts';

const KEY = ['account_id', 'day_ms', 'model', 'provider'] as const;
const SUMS = ['requests', 'errors', 'unpriced', 'prompt_tokens', 'completion_tokens', 'cost_nano'] as const;

interface Sums {
  readonly names: RowOf<'account_spend', typeof KEY>;
  requests: number;
  errors: number;
  unpriced: number;
  promptTokens: number;
  completionTokens: number;
  costNano: number;
}

const addRows = prepareInsert({ table: 'account_spend', columns: [...KEY, ...SUMS], onConflict: { key: KEY, add: SUMS } });

/** Adds charges to the daily sums of everything that they count for. */
export async function addAccountSpend(tx: Db, dialect: Dialect, records: readonly ChargeRecord[]): Promise<void> {
  const sums = new Map<string, Sums>();
  for (const { charge, accounts } of records)
    for (const account of accounts) {
      const names = [account, dayOf(charge.atMs), charge.model, charge.provider] as const;
      const key = joinKey(names);
      let sum = sums.get(key);
      if (sum === undefined) {
        sum = { names, requests: 0, errors: 0, unpriced: 0, promptTokens: 0, completionTokens: 0, costNano: 0 };
        sums.set(key, sum);
      }
      sum.requests += 1;
      if (charge.outcome === 'error') sum.errors += 1;
      if (charge.costNanoUsd === null) sum.unpriced += 1;
      sum.promptTokens += promptTokens(charge.usage);
      sum.completionTokens += completionTokens(charge.usage);
      sum.costNano += charge.costNanoUsd ?? 0;
    }
  await addRows(
    tx,
    dialect,
    byKey(sums).map((sum) => [...sum.names, sum.requests, sum.errors, sum.unpriced, sum.promptTokens, sum.completionTokens, sum.costNano]),
  );
}
