import { z } from 'zod';
import { routeDecisionSchema } from '../../records/index.ts';
import { endpointStateSchema } from './overview.ts';

/** Load and cache truth of one endpoint, with what the router has learned of it. Null where it is not known. */
const routedEndpointSchema = endpointStateSchema.extend({
  /** Requests that were decided here and have not ended. */
  inFlight: z.number(),
  /** Blocks that are known of its prefix cache: of its own events, or of the router's own decisions. */
  cache: z.object({ source: z.enum(['events', 'decisions']), blocks: z.number(), blockTokens: z.number(), inStep: z.boolean() }),
  /** Its last report of itself; null where it runs in this process and needs none. */
  report: z.object({ ageMs: z.number().nullable(), stale: z.boolean() }).nullable(),
  learned: z
    .object({
      decisions: z.number(),
      /** Decisions whose realised hit is known. */
      joined: z.number(),
      /** Realised over matched cached tokens, smoothed. */
      trust: z.number(),
      /** Mean of |expected − realised| cached tokens per prompt token. */
      hitError: z.number().nullable(),
      /** Realised over predicted time to first token, smoothed. */
      slowness: z.number(),
      /** |realised − predicted| time to first token, smoothed. */
      ttftErrorMs: z.number().nullable(),
      firstTokenMs: z.number(),
      prefillMsPerToken: z.number(),
      stepMs: z.number(),
    })
    .nullable(),
});
export type RoutedEndpoint = z.infer<typeof routedEndpointSchema>;

/** One way in which less is known of an endpoint, or of a model as a whole, than there should be. */
const degradationSchema = z.object({
  name: z.string(),
  model: z.string(),
  endpoint: z.string().nullable(),
  detail: z.string(),
  sinceMs: z.number(),
  lastMs: z.number(),
  count: z.number(),
});
export type RoutingDegradation = z.infer<typeof degradationSchema>;

/** `GET /api/v1/routing`: how the endpoints of every model stand. */
export const routingSchema = z.object({
  endpoints: z.array(routedEndpointSchema),
  degradations: z.array(degradationSchema),
  /** Tokens per block in which the router looks at prompts. */
  blockTokens: z.number(),
  /** The last prompt of each recent session, newest first. */
  sessions: z.array(z.object({ session: z.string(), model: z.string(), atMs: z.number(), promptTokens: z.number() })),
  /** Processes that decide beside this one; what they have learned is not in these figures. */
  workers: z.number(),
});
export type Routing = z.infer<typeof routingSchema>;

/** What was expected of an endpoint and what came of it, in one stretch of five minutes. Sums, so that stretches can be added. */
const calibrationPointSchema = z.object({
  endpoint: z.string(),
  atMs: z.number(),
  decisions: z.number(),
  retries: z.number(),
  promptTokens: z.number(),
  expectedCachedTokens: z.number(),
  realisedCachedTokens: z.number(),
  seenPromptTokens: z.number(),
  seenCachedTokens: z.number(),
  timed: z.number(),
  predictedTtftMs: z.number(),
  realisedTtftMs: z.number(),
  ttftErrorMs: z.number(),
});
export type CalibrationPoint = z.infer<typeof calibrationPointSchema>;

/** `GET /api/v1/routing/calibration?fromMs=&toMs=`. */
export const calibrationSchema = z.object({ stretchMs: z.number(), items: z.array(calibrationPointSchema) });

/** `POST /api/v1/routing:locate`: a prompt as a client sends it, or the last one of a session. */
export const locateRequestSchema = z.union([
  z.strictObject({ model: z.string().min(1).max(200), messages: z.array(z.record(z.string(), z.unknown())).min(1).max(1000) }),
  z.strictObject({ model: z.string().min(1).max(200), prompt: z.string().min(1) }),
  z.strictObject({ session: z.string().min(1).max(500) }),
]);
export type LocateRequest = z.infer<typeof locateRequestSchema>;

/** Where the beginning of a prompt probably is cached now. */
export const prefixPlacesSchema = z.object({
  model: z.string(),
  promptTokens: z.number(),
  /** Tokens per block, and full blocks of the prompt. */
  blockTokens: z.number(),
  blocks: z.number(),
  endpoints: z.array(
    z.object({
      endpoint: z.string(),
      /** Leading tokens that it holds. */
      cachedTokens: z.number(),
      source: z.enum(['events', 'decisions']),
    }),
  ),
});
export type PrefixPlaces = z.infer<typeof prefixPlacesSchema>;

/** `GET /api/v1/routing/decisions/{id}`: one decision, with what the other candidates would have meant. */
export const decisionDetailSchema = z.object({
  decision: routeDecisionSchema,
  /** In the order of the candidates. */
  elsewhere: z.array(
    z.object({
      endpoint: z.string(),
      /** Predicted time to first token there, less the one predicted where it went. */
      ttftDeltaMs: z.number().nullable(),
      /** Price of the prompt there, with the cache hit that was expected; null where no price is known. */
      promptCostNanoUsd: z.number().nullable(),
    }),
  ),
  /** Where its prompt is cached now; null where no policy has looked at the prompt, or it is forgotten. */
  places: prefixPlacesSchema.nullable(),
});
export type DecisionDetail = z.infer<typeof decisionDetailSchema>;
