import { z } from 'zod';

/** Why a request went where it went: every candidate with its scores, and the cache hit that was expected and realised. */
export const routeDecisionSchema = z.strictObject({
  id: z.string(),
  requestId: z.string(),
  traceId: z.string(),
  atMs: z.number().int(),
  /** Route or model that was asked for. */
  route: z.string(),
  /** The Model resource that was chosen. */
  model: z.string(),
  /** One sentence for a person, for example "short and simple: reader". */
  reason: z.string(),
  policy: z.string(),
  candidates: z.array(
    z.strictObject({
      endpoint: z.string(),
      /** Name of the filter that removed this candidate, where one did. */
      removedBy: z.string().optional(),
      /** Score per scorer, each from 0 to 1. */
      scores: z.record(z.string(), z.number()),
      total: z.number(),
      expectedCachedTokens: z.number().int().nonnegative(),
      /** Predicted time to first token, in milliseconds. */
      predictedTtftMs: z.number().nonnegative().optional(),
      /** What the total is made of, in milliseconds, where the policy reckons in time: `queue`, `prefill`, `decode` and others. */
      costMs: z.record(z.string(), z.number()).optional(),
    }),
  ),
  chosen: z.string(),
  promptTokens: z.number().int().nonnegative(),
  /** Time in the queue of the model before it was placed, in milliseconds; absent where it did not wait. */
  queuedMs: z.number().nonnegative().optional(),
  expectedCachedTokens: z.number().int().nonnegative(),
  /** Of a model whose prompts may be computed by other replicas than its answers. */
  prefill: z
    .strictObject({
      /** Who computes the prompt; absent where the chosen endpoint does. */
      endpoint: z.string().optional(),
      /** The decision for that endpoint. */
      decision: z.string().optional(),
      /** Half a sentence for a person. */
      reason: z.string(),
    })
    .optional(),
  /** Null until the engine has reported its usage. */
  realisedCachedTokens: z.number().int().nonnegative().nullable(),
  /** Time to the first token of a stream; null until it has ended, and of an answer that came as a whole. */
  realisedTtftMs: z.number().nonnegative().nullable(),
  /** Time of the whole call of the endpoint, in milliseconds; null until it has ended. */
  realisedMs: z.number().nonnegative().nullable(),
  /** How the call ended; null until then. */
  outcome: z.enum(['ok', 'error', 'cancelled']).nullable(),
});
export type RouteDecision = z.infer<typeof routeDecisionSchema>;
