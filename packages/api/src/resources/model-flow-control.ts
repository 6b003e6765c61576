import { z } from 'zod';
import { durationSchema } from './quantities.ts';

/** When requests wait in the gateway for a model whose replicas are full, and which of them are shed. */
export const modelFlowControlSchema = z.strictObject({
  enabled: z.boolean().default(true),
  /** Requests in a replica's own queue from which on it is full. */
  queueDepth: z.number().int().min(1).max(10_000).default(5),
  /** Share of its KV memory in use from which on it is full. */
  kvUse: z.number().gt(0).max(1).default(0.95),
  /** Requests at once from which on it is full; learned from what it reports where absent, and without a bound where it reports nothing. */
  concurrency: z.number().int().min(1).max(100_000).optional(),
  /** Requests that may wait. */
  maxWaiting: z.number().int().min(1).max(100_000).default(1000),
  /** Of one tenant and one priority. */
  maxWaitingPerTenant: z.number().int().min(1).max(100_000).optional(),
  /** Memory of the requests that wait. */
  maxWaitingMiB: z.number().int().min(1).max(65_536).default(64),
  /** Who waits longer is shed. */
  maxWait: durationSchema.default('60s'),
});
export type ModelFlowControl = z.infer<typeof modelFlowControlSchema>;
