import { z } from 'zod';

/** `GET /api/v1/keys`. The secret itself is shown once, when the key is made. */
export const keyInfoSchema = z.object({
  id: z.string(),
  name: z.string(),
  /** First characters of the secret, to tell keys apart. */
  prefix: z.string(),
  tenant: z.string(),
  models: z.array(z.string()).nullable(),
  budgetUsd: z.number().nullable(),
  requestsPerMinute: z.number().nullable(),
  tokensPerMinute: z.number().nullable(),
  createdMs: z.number(),
  expiresMs: z.number().nullable(),
  lastUsedMs: z.number().nullable(),
  revokedMs: z.number().nullable(),
  spentNanoUsd: z.number(),
});
export type KeyInfo = z.infer<typeof keyInfoSchema>;
export const keyListSchema = z.object({ items: z.array(keyInfoSchema) });

/** `POST /api/v1/keys`. `DELETE /api/v1/keys/{id}` revokes. */
export const newKeySchema = z.strictObject({
  name: z.string().min(1).max(100),
  tenant: z.string().min(1).default('default'),
  models: z.array(z.string()).optional(),
  budgetUsd: z.number().nonnegative().optional(),
  requestsPerMinute: z.number().int().positive().optional(),
  tokensPerMinute: z.number().int().positive().optional(),
  expiresMs: z.number().int().optional(),
});
export type NewKey = z.input<typeof newKeySchema>;
export const createdKeySchema = z.object({ key: keyInfoSchema, secret: z.string() });
