import { z } from 'zod';

const series = z.array(z.number().nullable());

/** Load and cache truth of one endpoint. Shares are from 0 to 1; null where it is not known. */
export const endpointStateSchema = z.object({
  endpoint: z.string(),
  model: z.string(),
  provider: z.string(),
  simulated: z.boolean(),
  state: z.enum(['ready', 'cooling', 'draining']),
  running: z.number().nullable(),
  waiting: z.number().nullable(),
  kvUse: z.number().nullable(),
  expectedHit: z.number().nullable(),
  realisedHit: z.number().nullable(),
  ttftP50Ms: z.number().nullable(),
  ttftP95Ms: z.number().nullable(),
  requests: z.number(),
  errors: z.number(),
  usdPerMillionOutput: z.number().nullable(),
});
export type EndpointState = z.infer<typeof endpointStateSchema>;

export const attentionSchema = z.object({
  level: z.enum(['warn', 'error']),
  /** Stable key for translation, with its facts. */
  code: z.enum([
    'budget-near',
    'budget-spent',
    'hit-below-expected',
    'evaluation-failed',
    'endpoint-cooling',
    'resource-failed',
    'documents-unreadable',
    'run-failed',
    'price-unknown',
  ]),
  facts: z.record(z.string(), z.union([z.string(), z.number()])),
  /** Path in the console that shows the rows behind it. */
  href: z.string(),
});
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
