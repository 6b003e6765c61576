import { z } from 'zod';
import { defineKind, refersTo } from './define-kind.ts';
import { nameSchema } from './metadata.ts';
import { prioritySchema, usdSchema } from './quantities.ts';
import { guardrailReferences, guardrailsSchema } from './route-guardrails.ts';

/** What a tenant stands for; the tree may leave levels out. */
export const TENANT_LEVELS = ['organisation', 'team', 'project', 'user', 'end-user', 'tag'] as const;

const budgetWindowSchema = z
  .string()
  .regex(/^(hour|day|week|month|total|[1-9]\d{0,3}[mhd])$/, 'must be hour, day, week, month, total or a length of time such as 30m, 12h or 30d');

const patternsSchema = z.array(z.string().min(1).max(256)).max(1000);

const budgetSchema = z.strictObject({
  usd: usdSchema,
  /** A calendar window in UTC (hour, day, week, month), `total` for one that never resets, or a length of time such as `30d` for the last 30 days. */
  window: budgetWindowSchema.default('month'),
  /** `hard` refuses, `soft` only warns. */
  mode: z.enum(['hard', 'soft']).default('hard'),
  warnAtPercent: z.number().min(0).max(100).default(80),
  /** Only requests for these models count, with `*` for any text; all where absent. */
  models: patternsSchema.optional(),
});

const count = z.number().int().positive();
const ratesShape = {
  requestsPerMinute: count.optional(),
  /** Tokens of prompt and answer together. */
  tokensPerMinute: count.optional(),
  inputTokensPerMinute: count.optional(),
  outputTokensPerMinute: count.optional(),
  concurrentRequests: count.optional(),
};

/** Limits over all replicas together. */
const limitsSchema = z.strictObject({
  ...ratesShape,
  /** Limits for requests for one model, by its public name or a pattern with `*`; they hold besides the others. */
  perModel: z.record(z.string().min(1).max(256), z.strictObject(ratesShape)).optional(),
});

/** What holds for one person of many. */
const ruleShape = { budgets: z.array(budgetSchema).max(20).default([]), limits: limitsSchema.optional(), models: patternsSchema.optional() };

const tenantSpecSchema = z
  .strictObject({
    description: z.string().optional(),
    level: z.enum(TENANT_LEVELS).default('team'),
    /** A tenant above this one; budgets and limits of both apply. */
    parent: nameSchema.optional(),
    budgets: z.array(budgetSchema).max(20).default([]),
    limits: limitsSchema.optional(),
    /** Names of models, routes and agents (`agent/name`) that its keys may use, with `*` for any text, or names of model groups; all when absent. */
    models: patternsSchema.optional(),
    /** Names for lists of models, for `models` of this tenant, of those below it and of their keys. */
    modelGroups: z.record(z.string().min(1).max(256), patternsSchema).optional(),
    /** What each end user of its keys may use, where there is no tenant of the level `end-user` for that person. */
    endUsers: z.strictObject(ruleShape).optional(),
    /** What each user of its keys may use within it, besides what holds for the user everywhere. */
    members: z
      .strictObject({
        ...ruleShape,
        /** Holds in its place for some of them, by the name of the user. */
        named: z.record(z.string().min(1).max(256), z.strictObject(ruleShape)).optional(),
      })
      .optional(),
    /** Refuses every request below it. */
    blocked: z.boolean().default(false),
    /** Refuses every request from this moment on. */
    expires: z.iso.datetime({ offset: true }).optional(),
    contacts: z.array(z.string()).default([]),
    /** Of its requests and of those below it where they have to wait for a replica; 0 where absent. A request can only lower it. */
    priority: prioritySchema.optional(),
    gpuQuota: z.number().int().nonnegative().optional(),
    /** Checks of every prompt and answer of its keys and of those below it, whatever name is asked for; they come before those of a Route. */
    guardrails: guardrailsSchema,
  })
  .refine((spec) => spec.guardrails.length === 0 || (spec.level !== 'end-user' && spec.level !== 'tag'), {
    path: ['guardrails'],
    message: 'a request names its end user and its tags itself, and could leave them out: put guardrails on the tenant of the key',
  });
export type TenantSpec = z.infer<typeof tenantSpecSchema>;
export type BudgetSpec = z.infer<typeof budgetSchema>;
export type LimitsSpec = z.infer<typeof limitsSchema>;

export const tenantKind = defineKind({
  kind: 'Tenant',
  plural: 'tenants',
  shortNames: ['tnt'],
  description: 'An organisation, team, project, user, end user or tag with its budgets, limits and allowed models.',
  spec: tenantSpecSchema,
  columns: [
    { name: 'Level', type: 'string', jsonPath: '.spec.level' },
    { name: 'Phase', type: 'string', jsonPath: '.status.phase' },
  ],
  references: (spec) => [...(spec.parent === undefined ? [] : [refersTo('Tenant', spec.parent, 'parent')]), ...guardrailReferences(spec.guardrails)],
});
