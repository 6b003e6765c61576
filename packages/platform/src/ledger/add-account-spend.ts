import { completionTokens, promptTokens } from '@maru/api/records';
import type { Db } from '#store';
import { dayOf } from './budget-window.ts';
import type { ChargeRecord } from './charge-record.ts';
import { joinKey } from './join-key.ts';
import { pieces } from './pieces.ts';

interface Row {
  readonly account_id: string;
  readonly day_ms: number;
  readonly model: string;
  readonly provider: string;
  requests: number;
  errors: number;
  unpriced: number;
  prompt_tokens: number;
  completion_tokens: number;
  cost_nano: number;
}

const SUMS = ['requests', 'errors', 'unpriced', 'prompt_tokens', 'completion_tokens', 'cost_nano'] as const;

/** Adds charges to the daily sums of everything that they count for. */
export async function addAccountSpend(tx: Db, records: readonly ChargeRecord[]): Promise<void> {
  const rows = new Map<string, Row>();
  for (const { charge, accounts } of records)
    for (const account of accounts) {
      const key = joinKey([account, dayOf(charge.atMs), charge.model, charge.provider]);
      const row = rows.get(key) ?? emptyRow(account, charge);
      rows.set(key, row);
      row.requests += 1;
      row.errors += charge.outcome === 'error' ? 1 : 0;
      row.unpriced += charge.costNanoUsd === null ? 1 : 0;
      row.prompt_tokens += promptTokens(charge.usage);
      row.completion_tokens += completionTokens(charge.usage);
      row.cost_nano += charge.costNanoUsd ?? 0;
    }
  // Always in the same order: two processes that settle at once must not wait for each other in a circle.
  const sorted = [...rows].sort(([left], [right]) => (left < right ? -1 : 1)).map(([, row]) => row);
  for (const piece of pieces(sorted))
    await tx
      .insertInto('account_spend')
      .values([...piece])
      .onConflict((conflict) =>
        conflict
          .columns(['account_id', 'day_ms', 'model', 'provider'])
          .doUpdateSet((eb) => Object.fromEntries(SUMS.map((name) => [name, eb(`account_spend.${name}`, '+', eb.ref(`excluded.${name}`))]))),
      )
      .execute();
}

const emptyRow = (account: string, charge: ChargeRecord['charge']): Row => ({
  account_id: account,
  day_ms: dayOf(charge.atMs),
  model: charge.model,
  provider: charge.provider,
  requests: 0,
  errors: 0,
  unpriced: 0,
  prompt_tokens: 0,
  completion_tokens: 0,
  cost_nano: 0,
});
