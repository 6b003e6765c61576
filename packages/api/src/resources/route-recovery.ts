import { z } from 'zod';
import { durationSchema } from './quantities.ts';

/** What can go wrong with an attempt, as far as recovery tells it apart. */
export const FAILURE_CLASSES = [
  'badRequest',
  'authentication',
  'notFound',
  'timeout',
  'rateLimit',
  'contentPolicy',
  'contextWindow',
  'serverError',
  'badGateway',
  'unavailable',
  'connection',
  'brokenAnswer',
] as const;
export type FailureClass = (typeof FAILURE_CLASSES)[number];

const perClassSchema = (most: number) => z.partialRecord(z.enum(FAILURE_CLASSES), z.number().int().min(0).max(most));

export const retriesSchema = z
  .strictObject({
    /** Further attempts at a backend after the first one, for classes that are worth a retry. */
    attempts: z.number().int().min(0).max(10).default(1),
    /** Wait before the first retry; doubled at each one, with jitter. */
    backoff: durationSchema.default('100ms'),
    maxBackoff: durationSchema.default('5s'),
    /** Attempts per class of failure instead of `attempts`. */
    per: perClassSchema(10).default({}),
    /** A `retry-after` of an upstream up to this is waited for; a longer one sends the request elsewhere. */
    maxRetryAfter: durationSchema.default('10s'),
  })
  .default({ attempts: 1, backoff: '100ms', maxBackoff: '5s', per: {}, maxRetryAfter: '10s' });

export const healthSchema = z
  .strictObject({
    /** Failures in a row after which an endpoint rests. */
    allowedFails: z.number().int().min(1).max(1000).default(3),
    /** The same per class of failure, counted in the window. */
    allowedFailsPer: perClassSchema(1000).default({}),
    /** The first rest; doubled while the endpoint goes on failing. `0s` switches resting off. */
    cooldown: durationSchema.default('5s'),
    maxCooldown: durationSchema.default('60s'),
    /** Share of failures in the window above which an endpoint is an outlier and rests. */
    errorRate: z.number().gt(0).max(1).default(0.5),
    /** Requests in the window below which no share is computed. */
    minRequests: z.number().int().min(1).max(100_000).default(10),
    window: durationSchema.default('60s'),
    /** After a rest its share of the traffic grows from a tenth to all in this time. */
    slowStart: durationSchema.default('10s'),
    /** Never more than this share of a model's endpoints rests because of an error rate. */
    maxEjected: z.number().min(0).max(1).default(0.5),
  })
  .prefault({});

export const fallbackSchema = {
  /** `any` failure that another model may not have; a prompt that is too long; an answer that a content filter refused. */
  on: z.enum(['any', 'context-window', 'content-policy']).default('any'),
};

export const timeoutsSchema = z.strictObject({
  /** Of one attempt, from its start to its first visible token or whole answer. */
  attempt: durationSchema.optional(),
  /** The longest time that a stream may take to its first visible token before another backend is asked. */
  firstToken: durationSchema.optional(),
  /** The longest silence after the first visible token. */
  stall: durationSchema.optional(),
});
