import { z } from 'zod';
import { routeDecisionSchema, usageBucketSchema } from '../../records/index.ts';
import { endpointStateSchema } from './overview.ts';

/**
 * US dollars per bucket: of tokens and characters per million, of searches per thousand, of images each, of `mediaMs` per second.
 * A bucket that is not there has no known price.
 */
const bucketPricesSchema = z.partialRecord(usageBucketSchema, z.number());

export const modelPriceSchema = z.object({
  /** Who says so, with the date of the list; `model` for prices of the resource itself. */
  source: z.string(),
  usd: bucketPricesSchema,
  /** Prices of requests with more prompt tokens than this, as a whole. */
  above: z.array(z.object({ promptTokens: z.number(), usd: bucketPricesSchema })),
  /** Share of the price that requests of a batch are charged; null where it is all of it. */
  batchPercent: z.number().nullable(),
});
export type ModelPrice = z.infer<typeof modelPriceSchema>;

/** `GET /api/v1/models`: everything that can be named as `model` in a request. */
export const servedModelSchema = z.object({
  /** What clients send: `reader`, `auto`, `agent/guide`. */
  id: z.string(),
  kind: z.enum(['model', 'route', 'agent']),
  /** Name of the resource behind it; a Route has one entry per public name. */
  resource: z.string(),
  description: z.string().nullable(),
  provider: z.string().nullable(),
  /** The provider's own name, for people. */
  providerTitle: z.string().nullable(),
  /** What the provider or the engine calls the model. */
  servedName: z.string().nullable(),
  /** Wire formats of a chat call that its engine speaks, best first. */
  formats: z.array(z.string()),
  /** Parameters that the provider answers with an error. */
  refuses: z.array(z.string()),
  simulated: z.boolean(),
  capabilities: z.array(z.string()),
  contextWindow: z.number().nullable(),
  price: modelPriceSchema.nullable(),
  /** What it is and is not, in Markdown. */
  card: z.string().nullable(),
  /** Models behind a route, in order; the model of an agent. */
  targets: z.array(z.string()),
  endpoints: z.array(endpointStateSchema),
});
export type ServedModel = z.infer<typeof servedModelSchema>;
export const servedModelListSchema = z.object({ items: z.array(servedModelSchema) });

/** `GET /api/v1/formats`: what each wire format carries: `yes`, `no`, or how. */
export const formatListSchema = z.object({ items: z.array(z.object({ name: z.string(), carries: z.record(z.string(), z.string()) })) });

/** `GET /api/v1/decisions?requestId=|traceId=|route=|model=|endpoint=|limit=`. */
export const decisionListSchema = z.object({ items: z.array(routeDecisionSchema) });
