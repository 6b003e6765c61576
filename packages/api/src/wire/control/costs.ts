import { z } from 'zod';
import { chargeSchema, usageSchema } from '../../records/index.ts';
import { pageOf } from './page.ts';

export const SPEND_GROUPS = ['tenant', 'key', 'model', 'day', 'agent'] as const;

/** `GET /api/v1/costs?by=tenant|key|model|day|agent&fromMs=&toMs=`. */
export const costsSchema = z.object({
  by: z.enum(SPEND_GROUPS),
  fromMs: z.number(),
  toMs: z.number(),
  totalNanoUsd: z.number(),
  /** Requests whose price is unknown: they are not in the total. */
  unpriced: z.number(),
  rows: z.array(
    z.object({
      group: z.string(),
      label: z.string(),
      requests: z.number(),
      usage: usageSchema,
      costNanoUsd: z.number(),
      unpriced: z.number(),
      simulated: z.boolean(),
    }),
  ),
});
export type Costs = z.infer<typeof costsSchema>;

/** `GET /api/v1/charges?fromMs=&toMs=&tenant=&keyId=&model=&cursor=&limit=`. */
export const chargePageSchema = pageOf(chargeSchema);

/** `GET /api/v1/budgets`. */
export const budgetStateSchema = z.object({
  owner: z.string(),
  ownerKind: z.enum(['tenant', 'key', 'end-user', 'tag']),
  window: z.string(),
  /** Only requests for these models count; null for all. */
  models: z.array(z.string()).nullable(),
  mode: z.enum(['hard', 'soft']),
  limitNanoUsd: z.number(),
  spentNanoUsd: z.number(),
  /** What running requests hold, and the shares that processes have taken for those to come. */
  reservedNanoUsd: z.number(),
  resetsMs: z.number().nullable(),
  warnAtPercent: z.number(),
});
export type BudgetState = z.infer<typeof budgetStateSchema>;
export const budgetListSchema = z.object({ items: z.array(budgetStateSchema) });
