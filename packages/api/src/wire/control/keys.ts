import { z } from 'zod';
import { tenantKind } from '../../resources/tenant.ts';

const { budgets, limits } = tenantKind.spec.shape;

/** `GET /api/v1/keys`. The secret itself is shown once, when the key is made. */
export const keyInfoSchema = z.object({
  id: z.string(),
  name: z.string(),
  /** First characters of the secret, to tell keys apart. */
  prefix: z.string(),
  tenant: z.string(),
  models: z.array(z.string()).nullable(),
  /** Account of the level `user` whose budgets and limits hold too. */
  user: z.string().nullable(),
  budgets,
  limits: limits.unwrap().nullable(),
  tags: z.array(z.string()),
  blocked: z.boolean(),
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
  user: z.string().min(1).optional(),
  budgets: budgets.optional(),
  limits,
  tags: z.array(z.string()).optional(),
  expiresMs: z.number().int().optional(),
});
export type NewKey = z.input<typeof newKeySchema>;

/** `PATCH /api/v1/keys/{id}`: changes what is named; null takes a setting away. */
export const keyChangeSchema = newKeySchema
  .omit({ tenant: true })
  .extend({ tenant: z.string().min(1), blocked: z.boolean() })
  .partial()
  .extend({
    models: z.array(z.string()).nullable().optional(),
    limits: limits.unwrap().nullable().optional(),
    user: z.string().min(1).nullable().optional(),
    expiresMs: z.number().int().nullable().optional(),
  });
export type KeyChange = z.input<typeof keyChangeSchema>;

/** `POST /api/v1/keys/{id}/rotate`. */
export const keyRotationSchema = z.strictObject({
  /** How long the secret before goes on working, in milliseconds. */
  graceMs: z.number().int().nonnegative().default(0),
});
export const createdKeySchema = z.object({ key: keyInfoSchema, secret: z.string() });
