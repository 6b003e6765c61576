import { z } from 'zod';
import { defineKind, refersTo } from './define-kind.ts';
import { nameSchema } from './metadata.ts';
import { durationSchema, prioritySchema, usdSchema } from './quantities.ts';
import { routeCacheSchema } from './route-cache.ts';
import { routeConditionSchema } from './route-condition.ts';
import { guardrailReferences, guardrailsSchema } from './route-guardrails.ts';
import { fallbackSchema, healthSchema, retriesSchema, timeoutsSchema } from './route-recovery.ts';

export const ROUTER_POLICIES = [
  'maru',
  'random',
  'round-robin',
  'least-request',
  'power-of-two',
  'session-hash',
  'prefix-hash',
  'sglang-cache-aware',
  'aibrix-prefix',
  'approximate-prefix',
  'precise-prefix',
  'dynamo-cost',
  'dynamo-lmetric',
  'slo-headroom',
] as const;

/** How a route chooses among backends that may all answer. */
export const ROUTE_STRATEGIES = ['simple-shuffle', 'least-busy', 'latency', 'usage', 'cost', 'priority', 'budget'] as const;
export type RouteStrategy = (typeof ROUTE_STRATEGIES)[number];

const backendSchema = z.strictObject({
  model: nameSchema,
  /** Share among backends that may answer; 1 where no backend says anything else. 0 takes the backend out. */
  weight: z.number().int().min(0).optional(),
  when: routeConditionSchema.optional(),
  /** Said in the decision, for example "short and simple". */
  reason: z.string().optional(),
  /** Lowest first; the next level is tried when the one before has failed. The strategy `priority` also spills over to it. */
  order: z.number().int().min(0).max(100).default(0),
  /** Requests and tokens per minute that this backend may take. */
  rpm: z.number().int().positive().optional(),
  tpm: z.number().int().positive().optional(),
  /** Requests at once. */
  maxParallel: z.number().int().positive().optional(),
  /** Tags of requests that it takes; one called `default` takes requests that no other tag fits. */
  tags: z.array(z.string().min(1).max(128)).max(32).optional(),
  /** Money that may be spent on it in a time, for every strategy; `budget` also shares by what is left. */
  budget: z.strictObject({ usd: usdSchema, per: durationSchema.default('1d') }).optional(),
  /** Instead of those of the route. */
  timeouts: timeoutsSchema.optional(),
});

export const routeSpecSchema = z.strictObject({
  description: z.string().optional(),
  /** Further public names of this route. */
  aliases: z.array(z.string().min(1)).default([]),
  /** Those of the aliases that can be called, and are not listed. */
  unlistedAliases: z.array(z.string().min(1)).default([]),
  /** Backends whose conditions hold may answer; the first one that holds brings those with the same conditions along. */
  backends: z.array(backendSchema).min(1),
  strategy: z.enum(ROUTE_STRATEGIES).default('simple-shuffle'),
  /** A new model that gets the requests that a condition names, and a share of the others. */
  canary: z
    .strictObject({
      model: nameSchema,
      percent: z.number().min(0).max(100).default(0),
      when: routeConditionSchema.optional(),
      /** What stays on its side of the share. */
      sticky: z.enum(['session', 'user', 'request']).default('session'),
    })
    .optional(),
  /** Whether a request must share one or all of its tags with a backend. */
  tagMatch: z.enum(['any', 'all']).default('any'),
  /** Keeps what belongs together on one model, or on one endpoint of it. */
  affinity: z
    .strictObject({
      by: z.enum(['session', 'user', 'key', 'tenant']).default('session'),
      to: z.enum(['model', 'endpoint']).default('model'),
      ttl: durationSchema.default('1h'),
    })
    .optional(),
  /** Weights of a classifier that "maru route train" made; the built-in one where absent. */
  classifier: z
    .strictObject({
      source: z.string().optional(),
      bias: z.number(),
      weights: z.record(z.string().max(64), z.number()),
      thresholds: z.array(z.number().min(0).max(1)).length(2),
    })
    .optional(),
  /** Tried in order when the chosen backend fails before its first visible token. */
  fallbacks: z.array(z.strictObject({ from: nameSchema.optional(), to: z.array(nameSchema).min(1), ...fallbackSchema })).default([]),
  /** Most backends that are tried after the first one has failed. */
  maxFallbacks: z.number().int().min(0).max(15).default(5),
  /** Whether a request may name fallbacks of its own, in its field "fallbacks". */
  clientFallbacks: z.boolean().default(true),
  /** Leaves out models whose context is too small for the prompt and the answer, where a larger one is there. */
  contextCheck: z.boolean().default(true),
  retries: retriesSchema,
  health: healthSchema,
  /** Asks a second backend when the first has shown nothing for so long; the first that answers wins. */
  hedge: z.strictObject({ after: durationSchema }).optional(),
  /** From admission to the last byte. */
  timeout: durationSchema.optional(),
  timeouts: timeoutsSchema.default({}),
  /** Asks a model that can to go on with an answer whose stream broke off after its first tokens; off where absent. */
  continuation: z.strictObject({ attempts: z.number().int().min(1).max(5).default(1) }).optional(),
  policy: z.enum(ROUTER_POLICIES).default('maru'),
  /** Shadow traffic: a share of requests is sent to this model too, its answer is only recorded. */
  mirror: z.strictObject({ model: nameSchema, percent: z.number().min(0).max(100) }).optional(),
  /** Splits traffic among variants of an Experiment. */
  experiment: nameSchema.optional(),
  slo: z.strictObject({ ttft: durationSchema.optional(), itl: durationSchema.optional() }).optional(),
  /** Of its requests where they have to wait for a replica; that of their tenant where absent. */
  priority: prioritySchema.optional(),
  /** Keeps answers and gives them again; none where absent. */
  cache: routeCacheSchema.optional(),
  /** Checks of prompts and answers, in this order. */
  guardrails: guardrailsSchema,
});
export type RouteSpec = z.infer<typeof routeSpecSchema>;
export type RouteBackend = RouteSpec['backends'][number];

export const routeKind = defineKind({
  kind: 'Route',
  plural: 'routes',
  shortNames: ['rt'],
  description: 'A public model name and the models behind it: conditions, strategy, fallbacks, retries.',
  spec: routeSpecSchema,
  columns: [
    { name: 'Strategy', type: 'string', jsonPath: '.spec.strategy' },
    { name: 'Policy', type: 'string', jsonPath: '.spec.policy' },
    { name: 'Phase', type: 'string', jsonPath: '.status.phase' },
  ],
  references: (spec) => [
    ...spec.backends.map((backend, index) => refersTo('Model', backend.model, 'backends', index, 'model')),
    ...(spec.canary === undefined ? [] : [refersTo('Model', spec.canary.model, 'canary', 'model')]),
    ...spec.fallbacks.flatMap((fallback, index) => [
      ...(fallback.from === undefined ? [] : [refersTo('Model', fallback.from, 'fallbacks', index, 'from')]),
      ...fallback.to.map((name, position) => refersTo(['Model', 'Route'], name, 'fallbacks', index, 'to', position)),
    ]),
    ...(spec.mirror === undefined ? [] : [refersTo('Model', spec.mirror.model, 'mirror', 'model')]),
    ...(spec.experiment === undefined ? [] : [refersTo('Experiment', spec.experiment, 'experiment')]),
    ...(spec.cache?.embedding === undefined ? [] : [refersTo('Model', spec.cache.embedding, 'cache', 'embedding')]),
    ...guardrailReferences(spec.guardrails),
  ],
});
