import { z } from 'zod';
import { budgetStateSchema } from './costs.ts';

const series = z.array(z.number().nullable());

/** The circuit breaker of an endpoint. */
const breakerSchema = z.object({
  /** `open`: it rests; `half-open`: one request tries it; `returning`: its share of the traffic grows. */
  state: z.enum(['closed', 'open', 'half-open', 'returning']),
  /** It rests because its error rate is that of an outlier. */
  ejected: z.boolean(),
  /** Milliseconds until its rest is over; 0 where it does not rest. */
  restsMs: z.number(),
  /** Failures in a row. */
  failures: z.number(),
  /** Share of its usual traffic that it gets, from 0 to 1. */
  share: z.number(),
});

/** Load and cache truth of one endpoint. Shares are from 0 to 1; null where it is not known. */
export const endpointStateSchema = z.object({
  endpoint: z.string(),
  model: z.string(),
  provider: z.string(),
  simulated: z.boolean(),
  state: z.enum(['ready', 'cooling', 'draining']),
  breaker: breakerSchema,
  running: z.number().nullable(),
  waiting: z.number().nullable(),
  kvUse: z.number().nullable(),
  expectedHit: z.number().nullable(),
  realisedHit: z.number().nullable(),
  /** Of streams. */
  ttftP50Ms: z.number().nullable(),
  ttftP95Ms: z.number().nullable(),
  /** Of answers that came as a whole, to their end. */
  answerP50Ms: z.number().nullable(),
  answerP95Ms: z.number().nullable(),
  requests: z.number(),
  errors: z.number(),
  usdPerMillionOutput: z.number().nullable(),
  /** What it is meant for, where prompts are computed apart from answers; absent where it does both. */
  role: z.enum(['prefill', 'decode']).optional(),
});
export type EndpointState = z.infer<typeof endpointStateSchema>;

const name = z.string();
const { window } = budgetStateSchema.shape;

/** What stands in the sentence of each code; `percent` and `points` are from 0 to 100. */
export const ATTENTION_FACTS = Object.freeze({
  'budget-near': z.object({ owner: name, percent: z.number(), window }),
  'budget-spent': z.object({ owner: name, percent: z.number(), window }),
  'hit-below-expected': z.object({ endpoint: name, points: z.number() }),
  'evaluation-failed': z.object({ evaluation: name, reason: z.string() }),
  'endpoint-cooling': z.object({ endpoint: name }),
  'resource-failed': z.object({ resource: z.string(), reason: z.string() }),
  'documents-unreadable': z.object({ base: name, documents: z.number() }),
  'price-unknown': z.object({ requests: z.number() }),
});
type AttentionCode = keyof typeof ATTENTION_FACTS;

/** The code is a stable key for translation; `href` is the path in the console that shows the rows behind it. */
const attention = <Code extends AttentionCode>(code: Code) =>
  z.object({ level: z.enum(['warn', 'error']), code: z.literal(code), facts: ATTENTION_FACTS[code], href: z.string() });

export const attentionSchema = z.discriminatedUnion('code', [
  attention('budget-near'),
  attention('budget-spent'),
  attention('hit-below-expected'),
  attention('evaluation-failed'),
  attention('endpoint-cooling'),
  attention('resource-failed'),
  attention('documents-unreadable'),
  attention('price-unknown'),
]);
export type Attention = z.infer<typeof attentionSchema>;

/** `GET /api/v1/overview?fromMs=&toMs=&buckets=`. Series have one value per bucket. */
export const overviewSchema = z.object({
  fromMs: z.number(),
  toMs: z.number(),
  bucketMs: z.number(),
  requests: z.object({ total: z.number(), perSecond: z.number(), series }),
  spend: z.object({ usd: z.number(), budgetUsd: z.number().nullable(), monthEndUsd: z.number().nullable(), series }),
  hit: z.object({ expected: z.number().nullable(), realised: z.number().nullable(), savedUsd: z.number().nullable(), series }),
  ttft: z.object({ p50Ms: z.number().nullable(), p95Ms: z.number().nullable(), series }),
  errors: z.object({ rate: z.number(), total: z.number(), retried: z.number(), series }),
  spendByModel: z.array(z.object({ model: z.string(), simulated: z.boolean(), usd: series })),
  tenants: z.array(z.object({ tenant: z.string(), usd: z.number(), budgetUsd: z.number().nullable(), usedShare: z.number().nullable() })),
  endpoints: z.array(endpointStateSchema),
  attention: z.array(attentionSchema),
});
export type Overview = z.infer<typeof overviewSchema>;
