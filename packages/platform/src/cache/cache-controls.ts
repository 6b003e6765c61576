import { PlatformError } from '@maru/api/errors';
import { z } from 'zod';

/** What one request says about the cache. */
export interface CacheControls {
  /** Do not answer from the cache. */
  readonly noCache: boolean;
  /** Do not keep the answer. */
  readonly noStore: boolean;
  /** Wants the cache where it is off by default. */
  readonly use: boolean;
  /** How long to keep the answer. */
  readonly ttlMs?: number;
  /** Only answers that are younger than this. */
  readonly maxAgeMs?: number;
  /** Keeps answers apart within a tenant. */
  readonly namespace?: string;
}

const seconds = z.number().positive().max(31_536_000);
/** As in LiteLLM's `cache`; further fields are not known. */
const bodySchema = z.strictObject({
  'no-cache': z.boolean().optional(),
  'no-store': z.boolean().optional(),
  'use-cache': z.boolean().optional(),
  ttl: seconds.optional(),
  's-maxage': seconds.optional(),
  's-max-age': seconds.optional(),
  namespace: z.string().min(1).max(200).optional(),
});

/** Reads the field `cache` of a body and the header `cache-control`; the field wins. Throws `invalid_request` naming what is wrong. */
export function readCacheControls(field: unknown, header: string | undefined): CacheControls {
  const fromHeader = readHeader(header ?? '');
  if (field === undefined || field === null) return fromHeader;
  const parsed = bodySchema.safeParse(field);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const where = ['cache', ...(issue?.path ?? [])].join('.');
    throw new PlatformError('invalid_request', { message: `"${where}": ${issue?.message ?? 'is not valid'}`, details: { param: 'cache' } });
  }
  const { data } = parsed;
  const maxAgeS = data['s-maxage'] ?? data['s-max-age'];
  return {
    noCache: data['no-cache'] ?? fromHeader.noCache,
    noStore: data['no-store'] ?? fromHeader.noStore,
    use: data['use-cache'] ?? false,
    ...(data.ttl === undefined ? {} : { ttlMs: data.ttl * 1000 }),
    ...(maxAgeS === undefined ? (fromHeader.maxAgeMs === undefined ? {} : { maxAgeMs: fromHeader.maxAgeMs }) : { maxAgeMs: maxAgeS * 1000 }),
    ...(data.namespace === undefined ? {} : { namespace: data.namespace }),
  };
}

function readHeader(header: string): CacheControls {
  const words = new Map(
    header
      .slice(0, 500)
      .toLowerCase()
      .split(',')
      .map((word) => word.trim().split('=', 2) as [string, string | undefined]),
  );
  const age = words.get('s-maxage') ?? words.get('max-age');
  return {
    noCache: words.has('no-cache') || age === '0',
    noStore: words.has('no-store'),
    use: false,
    ...(age !== undefined && /^[1-9]\d{0,8}$/.test(age) ? { maxAgeMs: Number(age) * 1000 } : {}),
  };
}
