import { type Charge, chargeSchema } from '@maru/api/records';
import { z } from 'zod';
import type { BudgetRef } from './reservation.ts';

/** What stands in the spool: the charge and the budgets that it counts against. */
export interface ChargeRecord {
  readonly charge: Charge;
  readonly budgets: readonly BudgetRef[];
  /** Ids of the accounts under which the charge is summed. */
  readonly accounts: readonly string[];
}

const recordSchema = z.object({
  v: z.literal(1),
  charge: chargeSchema,
  budgets: z.array(z.tuple([z.string(), z.number().int()])),
  accounts: z.array(z.string()).default([]),
});

export function encodeChargeRecord(record: ChargeRecord): string {
  return JSON.stringify({
    v: 1,
    charge: record.charge,
    budgets: record.budgets.map((budget) => [budget.budgetId, budget.windowStartMs]),
    accounts: record.accounts,
  });
}

/** Undefined for a record that this version can not read. */
export function decodeChargeRecord(bytes: Uint8Array): ChargeRecord | undefined {
  const parsed = recordSchema.safeParse(parseJson(bytes));
  if (!parsed.success) return undefined;
  const { charge, budgets, accounts } = parsed.data;
  return { charge, budgets: budgets.map(([budgetId, windowStartMs]) => ({ budgetId, windowStartMs })), accounts };
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString());
  } catch {
    return undefined;
  }
}
