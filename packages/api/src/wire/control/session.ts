import { z } from 'zod';

/** `GET /api/v1/session`: who is logged in, and what this platform is. */
export const sessionSchema = z.object({
  principal: z.object({ role: z.enum(['admin', 'key']), tenant: z.string(), keyId: z.string() }),
  version: z.string(),
  dataDir: z.string(),
  baseUrl: z.string(),
  startedMs: z.number(),
  store: z.enum(['sqlite', 'postgres']),
  captureContent: z.boolean(),
  /** Won per US dollar, where the operator has set a rate. */
  krwPerUsd: z.number().nullable(),
});
export type SessionInfo = z.infer<typeof sessionSchema>;

/** `POST /api/v1/session`. */
export const loginSchema = z.strictObject({ key: z.string().min(1) });
