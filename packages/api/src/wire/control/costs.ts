import { z } from 'zod';
import { chargeSchema, usageSchema } from '../../records/index.ts';
import { TENANT_LEVELS } from '../../resources/tenant.ts';
import { pageOf } from './page.ts';

/** Spend of accounts is summed with everything below them: one request counts for its team and for its organisation. */
export const SPEND_GROUPS = ['tenant', ...TENANT_LEVELS, 'key', 'model', 'provider', 'day', 'agent'] as const;

/** `GET /api/v1/costs?by=GROUP&fromMs=&toMs=`; sums of accounts are kept per day, others per hour (UTC). */
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
      errors: z.number(),
      promptTokens: z.number(),
      completionTokens: z.number(),
      /** Null for accounts: of them only the sums above are kept. */
      usage: usageSchema.nullable(),
      costNanoUsd: z.number(),
      unpriced: z.number(),
      simulated: z.boolean(),
    }),
  ),
});
export type Costs = z.infer<typeof costsSchema>;

/** `GET /api/v1/savings?fromMs=&toMs=`: money that was not spent, and calls whose price nobody knows. */
export const savingsSchema = z.object({
  fromMs: z.number(),
  toMs: z.number(),
  /** Prompt tokens that came out of providers' and engines' prefix caches, and what they would have cost more as fresh ones. */
  promptCache: z.object({ tokens: z.number(), share: z.number().nullable(), savedNanoUsd: z.number() }),
  /** Answers that were given again, by this process since it started. */
  answerCache: z.object({
    sinceMs: z.number(),
    rows: z.array(z.object({ model: z.string(), hits: z.number(), misses: z.number(), savedNanoUsd: z.number(), unpriced: z.number() })),
  }),
  /** Calls in batches that paid only a part of the price, the largest saving first. */
  batches: z.array(z.object({ model: z.string(), requests: z.number(), costNanoUsd: z.number(), savedNanoUsd: z.number() })),
  /** Models with calls without a price. */
  unpriced: z.array(z.object({ model: z.string(), requests: z.number() })),
});
export type Savings = z.infer<typeof savingsSchema>;

/** `GET /api/v1/charges?fromMs=&toMs=&tenant=&keyId=&model=&traceId=&requestId=&cursor=&limit=`. */
export const chargePageSchema = pageOf(chargeSchema);

/** `GET /api/v1/budgets`. */
export const budgetStateSchema = z.object({
  owner: z.string(),
  ownerKind: z.enum(['tenant', 'member', 'key', 'end-user', 'tag']),
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
