import { z } from 'zod';
import { nameSchema } from './metadata.ts';
import { durationSchema } from './quantities.ts';

/** How the answers of a route are kept and given again. */
export const routeCacheSchema = z
  .strictObject({
    /** `exact` answers equal requests; `semantic` also those whose question means the same. */
    mode: z.enum(['exact', 'semantic']).default('exact'),
    /** Where answers are kept: in this process, in the database of the platform, or in the Redis of `MARU_REDIS_URL`. */
    store: z.enum(['memory', 'database', 'redis']).default('memory'),
    ttl: durationSchema.default('1h'),
    /** Who shares an answer; never more than one tenant. */
    scope: z.enum(['tenant', 'key', 'user']).default('tenant'),
    /** The Model that embeds questions; needed by `semantic`. */
    embedding: nameSchema.optional(),
    /** Least cosine of two questions that mean the same. */
    threshold: z.number().min(0.5).max(1).default(0.95),
    /** Also keeps answers to requests that offer tools, and answers that call them. */
    tools: z.boolean().default(false),
    /** Streams are given again at once, or with the pauses that they had. */
    replay: z.enum(['fast', 'timed']).default('fast'),
    /** Share of the first answer's cost that a hit is charged. */
    chargePercent: z.number().min(0).max(100).default(0),
    /** Equal requests that run at once wait for the first one. */
    singleFlight: z.boolean().default(true),
    /** Off: only requests that send `"cache": {"use-cache": true}`. */
    default: z.enum(['on', 'off']).default('on'),
    /** Larger answers are not kept. */
    maxAnswerBytes: z
      .number()
      .int()
      .min(1024)
      .max(16 * 1024 * 1024)
      .default(1024 * 1024),
  })
  .refine((cache) => cache.mode === 'exact' || cache.embedding !== undefined, {
    path: ['embedding'],
    message: 'a semantic cache needs the Model that embeds the questions',
  });
export type RouteCache = z.infer<typeof routeCacheSchema>;
