import { z } from 'zod';
import { nameSchema } from './metadata.ts';

export const COMPLEXITIES = ['simple', 'moderate', 'complex'] as const;

/** How a value is compared: as it is, by its beginning at a `/`, or by a regular expression. */
const pathMatchSchema = z.strictObject({
  type: z.enum(['Exact', 'PathPrefix', 'RegularExpression']).default('PathPrefix'),
  value: z.string().min(1).max(1024),
});
const namedMatchSchema = z.strictObject({
  type: z.enum(['Exact', 'RegularExpression']).default('Exact'),
  name: z.string().min(1).max(256),
  value: z.string().max(4096),
});

/** One match of a request as in an HTTPRoute of the Gateway API: all that is given must hold. */
const httpMatchSchema = z.strictObject({
  path: pathMatchSchema.optional(),
  method: z.enum(['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'CONNECT', 'OPTIONS', 'TRACE', 'PATCH']).optional(),
  headers: z.array(namedMatchSchema).max(16).optional(),
  queryParams: z.array(namedMatchSchema).max(16).optional(),
});
export type HttpMatch = z.infer<typeof httpMatchSchema>;

/** When a backend of a route applies; all given conditions must hold. */
export const routeConditionSchema = z.strictObject({
  /** Estimated prompt tokens below this. */
  maxPromptTokens: z.number().int().positive().optional(),
  minPromptTokens: z.number().int().nonnegative().optional(),
  /** Complexity class: how much the classifier thinks that the request needs a strong model. */
  complexity: z.array(z.enum(COMPLEXITIES)).optional(),
  /** The classifier's estimate that only a strong model answers well, from 0 to 1: `min` is included, `max` is not. */
  difficulty: z.strictObject({ min: z.number().min(0).max(1).optional(), max: z.number().min(0).max(1).optional() }).optional(),
  tools: z.boolean().optional(),
  images: z.boolean().optional(),
  stream: z.boolean().optional(),
  /** Headers with exactly these values. */
  headers: z.record(z.string(), z.string()).optional(),
  /** Fields of `metadata` in the body with exactly these values. */
  metadata: z.record(z.string(), z.string()).optional(),
  /** Claims of the caller's JWT with exactly these values; of a claim that is a list, one entry. */
  claims: z.record(z.string(), z.string()).optional(),
  tenants: z.array(nameSchema).optional(),
  /** Matches of an HTTPRoute; one of them must hold, and the most specific one decides among backends. */
  matches: z.array(httpMatchSchema).min(1).max(8).optional(),
  /** A condition in CEL over `request`, `headers`, `metadata`, `body`, `claims`, `tags`; an expression that fails does not hold. */
  expression: z.string().min(1).max(4096).optional(),
});
export type RouteCondition = z.infer<typeof routeConditionSchema>;
