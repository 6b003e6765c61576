import { z } from 'zod';
import { TENANT_LEVELS } from '../../resources/tenant.ts';
import { budgetStateSchema } from './costs.ts';
import { pageOf } from './page.ts';

/** Sums of charges of an account and everything below it. */
const accountSumsSchema = z.object({
  requests: z.number(),
  errors: z.number(),
  /** Charges without a known price, which `costNanoUsd` does not contain. */
  unpriced: z.number(),
  promptTokens: z.number(),
  completionTokens: z.number(),
  costNanoUsd: z.number(),
});

/** How a limit stands, over all replicas together. */
const limitStateSchema = z.object({
  unit: z.enum(['requests', 'tokens', 'input-tokens', 'output-tokens', 'concurrent']),
  /** Name or pattern of the models whose requests count; null for all. */
  model: z.string().nullable(),
  limit: z.number(),
  /** Used in the last minute, as far as replicas have reported it; 0 for requests at once. */
  used: z.number(),
  /** Held by replicas: running, used but not reported, or free for requests to come. */
  held: z.number(),
});

/** One node of the tree organisation, team, project, user; an end user; or a tag. */
const accountSchema = z.object({
  /** The name itself, or `end-user/NAME` and `tag/NAME`. */
  id: z.string(),
  level: z.enum(TENANT_LEVELS),
  name: z.string(),
  /** Id of the account above. */
  parent: z.string().nullable(),
  description: z.string().nullable(),
  /** A Tenant resource is changed by its YAML. */
  source: z.enum(['resource', 'api']),
  blocked: z.boolean(),
  expiresMs: z.number().nullable(),
  /** Names, patterns and groups that may be used; null for all. */
  models: z.array(z.string()).nullable(),
  budgets: z.array(budgetStateSchema),
  limits: z.array(limitStateSchema),
  /** Since the beginning. */
  spend: accountSumsSchema,
  createdMs: z.number().nullable(),
  updatedMs: z.number().nullable(),
});
export type AccountInfo = z.infer<typeof accountSchema>;

/** `GET /api/v1/accounts?level=&parent=&text=&cursor=&limit=`. Tenant resources first, then the others in the order in which they were made. */
export const accountPageSchema = pageOf(accountSchema);

/** `GET /api/v1/accounts/{level}/{name}`. */
export const accountDetailSchema = z.object({
  account: accountSchema,
  /** The accounts above, from the root down, without the account itself. */
  path: z.array(z.object({ id: z.string(), level: z.enum(TENANT_LEVELS), name: z.string() })),
});

export const ACCOUNT_SPEND_GROUPS = ['day', 'model', 'provider'] as const;

/** `GET /api/v1/accounts/{level}/{name}/spend?by=day|model|provider&fromMs=&toMs=`. Whole days (UTC). */
export const accountSpendSchema = z.object({
  id: z.string(),
  by: z.enum(ACCOUNT_SPEND_GROUPS),
  fromMs: z.number(),
  toMs: z.number(),
  total: accountSumsSchema,
  /** Days in order (`2026-11-21`); models and providers by cost, the dearest first. */
  rows: z.array(accountSumsSchema.extend({ group: z.string() })),
});
export type AccountSpend = z.infer<typeof accountSpendSchema>;
