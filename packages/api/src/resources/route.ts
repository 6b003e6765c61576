import { z } from 'zod';
import { defineKind, refersTo } from './define-kind.ts';
import { nameSchema } from './metadata.ts';
import { routeCacheSchema } from './route-cache.ts';
import { routeGuardrailSchema } from './route-guardrails.ts';
import { durationSchema } from './quantities.ts';

export const ROUTER_POLICIES = [
  'maru',
  'random',
  'round-robin',
  'least-request',
  'session-hash',
  'prefix-hash',
  'sglang-cache-aware',
  'precise-prefix',
] as const;

/** When a backend of a route applies; all given conditions must hold. */
const routeConditionSchema = z.strictObject({
  /** Estimated prompt tokens below this. */
  maxPromptTokens: z.number().int().positive().optional(),
  minPromptTokens: z.number().int().nonnegative().optional(),
  /** Complexity class from cheap features of the text (length, turns, code, tools, question words). */
  complexity: z.array(z.enum(['simple', 'moderate', 'complex'])).optional(),
  tools: z.boolean().optional(),
  headers: z.record(z.string(), z.string()).optional(),
  tenants: z.array(nameSchema).optional(),
});

export const routeSpecSchema = z.strictObject({
  description: z.string().optional(),
  /** Further public names of this route. */
  aliases: z.array(z.string().min(1)).default([]),
  /** First backend whose condition holds wins; backends of equal place share by weight. */
  backends: z
    .array(
      z.strictObject({
        model: nameSchema,
        weight: z.number().int().min(0).default(1),
        when: routeConditionSchema.optional(),
        /** Said in the decision, for example "short and simple". */
        reason: z.string().optional(),
      }),
    )
    .min(1),
  /** Tried in order when the chosen backend fails before its first visible token. */
  fallbacks: z
    .array(
      z.strictObject({
        from: nameSchema.optional(),
        to: z.array(nameSchema).min(1),
      }),
    )
    .default([]),
  retries: z
    .strictObject({ attempts: z.number().int().min(0).max(10).default(1), backoff: durationSchema.default('100ms') })
    .default({ attempts: 1, backoff: '100ms' }),
  timeout: durationSchema.optional(),
  policy: z.enum(ROUTER_POLICIES).default('maru'),
  /** Shadow traffic: a share of requests is sent to this model too, its answer is only recorded. */
  mirror: z.strictObject({ model: nameSchema, percent: z.number().min(0).max(100) }).optional(),
  /** Splits traffic among variants of an Experiment. */
  experiment: nameSchema.optional(),
  slo: z.strictObject({ ttft: durationSchema.optional(), itl: durationSchema.optional() }).optional(),
  /** Keeps answers and gives them again; none where absent. */
  cache: routeCacheSchema.optional(),
  /** Checks of prompts and answers, in this order. */
  guardrails: z
    .array(routeGuardrailSchema)
    .max(32)
    .refine((list) => new Set(list.map((each) => each.name)).size === list.length, { message: 'names of guardrails must be different' })
    .default([]),
});
export type RouteSpec = z.infer<typeof routeSpecSchema>;

export const routeKind = defineKind({
  kind: 'Route',
  plural: 'routes',
  shortNames: ['rt'],
  description: 'A public model name and the models behind it: conditions, weights, fallbacks, retries.',
  spec: routeSpecSchema,
  columns: [
    { name: 'Policy', type: 'string', jsonPath: '.spec.policy' },
    { name: 'Phase', type: 'string', jsonPath: '.status.phase' },
  ],
  references: (spec) => [
    ...spec.backends.map((backend, index) => refersTo('Model', backend.model, 'backends', index, 'model')),
    ...spec.fallbacks.flatMap((fallback, index) => [
      ...(fallback.from === undefined ? [] : [refersTo('Model', fallback.from, 'fallbacks', index, 'from')]),
      ...fallback.to.map((name, position) => refersTo(['Model', 'Route'], name, 'fallbacks', index, 'to', position)),
    ]),
    ...(spec.mirror === undefined ? [] : [refersTo('Model', spec.mirror.model, 'mirror', 'model')]),
    ...(spec.experiment === undefined ? [] : [refersTo('Experiment', spec.experiment, 'experiment')]),
    ...(spec.cache?.embedding === undefined ? [] : [refersTo('Model', spec.cache.embedding, 'cache', 'embedding')]),
    ...spec.guardrails.flatMap((guardrail, index) =>
      guardrail.type === 'topic' ? [refersTo('Model', guardrail.embedding, 'guardrails', index, 'embedding')] : [],
    ),
  ],
});
