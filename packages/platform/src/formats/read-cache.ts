import type { CacheMarker } from './canonical/part.ts';
import type { Fields } from './fields.ts';

/** The marker `cache_control` of a part or tool, as a field to spread; nothing where it is absent. */
export function readCache(fields: Fields): { readonly cache?: CacheMarker } {
  const marker = fields.object('cache_control');
  if (marker === undefined) return {};
  const { ttl } = marker;
  return { cache: ttl === '1h' || ttl === '5m' ? { ttl } : {} };
}

/** The field `cache_control` of a part or tool, to spread. */
export const toCacheControl = (cache: CacheMarker | undefined): { readonly cache_control?: object } =>
  cache === undefined ? {} : { cache_control: { type: 'ephemeral', ...cache } };
