import { z } from 'zod';

/** A duration such as `500ms`, `30s`, `5m`, `24h` or `7d`. */
export const durationSchema = z.string().regex(/^\d+(\.\d+)?(ms|s|m|h|d)$/, 'must be a duration such as 500ms, 30s, 5m or 24h');

const UNIT_MS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** Milliseconds of a duration that {@link durationSchema} has accepted. */
export function durationToMs(duration: string): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(duration);
  if (match === null) return Number.NaN;
  return Number(match[1]) * UNIT_MS[match[2] as keyof typeof UNIT_MS];
}

/** Who goes first where requests have to wait: higher ones always, 0 is usual, below 0 a request may be shed. */
export const prioritySchema = z.number().int().min(-100).max(100);

/** An amount of US dollars, as a number or as a string such as `"12.50"`. */
export const usdSchema = z.number().nonnegative().max(1e9);

/** A Kubernetes quantity such as `500m`, `2`, `16Gi`. */
export const quantitySchema = z.string().regex(/^\d+(\.\d+)?(m|k|M|G|T|Ki|Mi|Gi|Ti)?$/, 'must be a Kubernetes quantity such as 500m, 2 or 16Gi');

/** A secret by reference: an environment variable or a key of a Kubernetes Secret; the value never stands in a resource. */
export const secretRefSchema = z.union([z.strictObject({ env: z.string().min(1) }), z.strictObject({ secret: z.string().min(1), key: z.string().min(1) })]);
export type SecretRef = z.infer<typeof secretRefSchema>;

/** An absolute http or https URL. */
export const urlSchema = z.url({ protocol: /^https?$/, hostname: /.+/ });
