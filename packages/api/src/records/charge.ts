import { z } from 'zod';
import { usageSchema } from './usage.ts';

/** Who pays: the chain from organisation unit to the key that was used. */
export const payerSchema = z.strictObject({
  tenant: z.string(),
  keyId: z.string(),
  user: z.string().optional(),
  session: z.string().optional(),
  agent: z.string().optional(),
  /** What the client has marked the request with, for reports and budgets. */
  tags: z.array(z.string()).optional(),
});
export type Payer = z.infer<typeof payerSchema>;

/**
 * What one engine call cost. Money is in integer nano-US-dollars (1e-9 USD), so that sums are exact;
 * `costNanoUsd` is null when no price is known, never zero.
 */
export const chargeSchema = z.strictObject({
  id: z.string(),
  /** Id of the gateway request; a retried or failed-over request has several charges with one request id. */
  requestId: z.string(),
  traceId: z.string(),
  atMs: z.number().int(),
  payer: payerSchema,
  /** The public name that the client asked for (a model, route or agent). */
  requestedModel: z.string(),
  /** The Model resource that answered. */
  model: z.string(),
  endpoint: z.string(),
  provider: z.string(),
  simulated: z.boolean(),
  usage: usageSchema,
  costNanoUsd: z.number().int().nullable(),
  /** What `costNanoUsd` was reduced by, where it is not the whole price: of a batch, or of an answer out of a cache. */
  discount: z.strictObject({ for: z.enum(['batch', 'cache']), nanoUsd: z.number().int().nonnegative() }).optional(),
  /** Which price list was used, for example `genai-prices 2026-09-23`. */
  priceSource: z.string().nullable(),
  outcome: z.enum(['ok', 'error', 'cancelled']),
});
export type Charge = z.infer<typeof chargeSchema>;

export const NANO_PER_USD = 1_000_000_000;
export const usdToNano = (usd: number): number => Math.round(usd * NANO_PER_USD);
export const nanoToUsd = (nano: number): number => nano / NANO_PER_USD;
