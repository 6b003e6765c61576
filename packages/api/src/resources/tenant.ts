import { z } from 'zod';
import { defineKind, refersTo } from './define-kind.ts';
import { nameSchema } from './metadata.ts';
import { usdSchema } from './quantities.ts';

const BUDGET_WINDOWS = ['hour', 'day', 'week', 'month', 'total'] as const;

const budgetSchema = z.strictObject({
  usd: usdSchema,
  /** Calendar window in UTC, or `total` for one that never resets. */
  window: z.enum(BUDGET_WINDOWS).default('month'),
  /** `hard` refuses, `soft` only warns. */
  mode: z.enum(['hard', 'soft']).default('hard'),
  warnAtPercent: z.number().min(0).max(100).default(80),
});

const limitsSchema = z.strictObject({
  requestsPerMinute: z.number().int().positive().optional(),
  tokensPerMinute: z.number().int().positive().optional(),
  concurrentRequests: z.number().int().positive().optional(),
});

const tenantSpecSchema = z.strictObject({
  description: z.string().optional(),
  /** A tenant above this one; budgets of both apply. */
  parent: nameSchema.optional(),
  budgets: z.array(budgetSchema).default([]),
  limits: limitsSchema.optional(),
  /** Names of models, routes and agents (`agent/name`) that its keys may use; all when absent. */
  models: z.array(z.string()).optional(),
  contacts: z.array(z.string()).default([]),
  gpuQuota: z.number().int().nonnegative().optional(),
});
export type TenantSpec = z.infer<typeof tenantSpecSchema>;
export type BudgetSpec = z.infer<typeof budgetSchema>;
export type LimitsSpec = z.infer<typeof limitsSchema>;

export const tenantKind = defineKind({
  kind: 'Tenant',
  plural: 'tenants',
  shortNames: ['tnt'],
  description: 'A team with its budgets, limits and allowed models.',
  spec: tenantSpecSchema,
  columns: [{ name: 'Phase', type: 'string', jsonPath: '.status.phase' }],
  references: (spec) => (spec.parent === undefined ? [] : [refersTo('Tenant', spec.parent, 'parent')]),
});
