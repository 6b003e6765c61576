import { isMap } from './entry.ts';
import type { MergedConfig } from './merge-includes.ts';
import { toDuration, toFlag, toNumber, toTexts } from './read-value.ts';
import type { RouteExtrasOptions } from './route-extras-options.ts';

const STORES: Readonly<Record<string, 'memory' | 'database' | 'redis'>> = {
  local: 'memory',
  redis: 'redis',
  'redis-semantic': 'redis',
  'qdrant-semantic': 'database',
  s3: 'database',
  gcs: 'database',
  'azure-blob': 'database',
  disk: 'database',
};

const USED = new Set([
  'type',
  'ttl',
  'default_in_memory_ttl',
  'default_in_redis_ttl',
  'similarity_threshold',
  'mode',
  'host',
  'port',
  'password',
  'url',
  'ssl',
  'db',
  'username',
  'namespace',
]);
const EMBEDDING = ['redis_semantic_cache_embedding_model', 'qdrant_semantic_cache_embedding_model'];

/** `litellm_settings.cache` and `cache_params` as the cache of a Route. */
export function toCache({ config, variables, notices, modelOf }: RouteExtrasOptions) {
  const { on, params: written } = readCacheBlock(config);
  if (!on) return undefined;
  const path = ['litellm_settings', 'cache_params'];
  const params = variables.resolve(written, path) as Record<string, unknown>;
  const type = typeof params['type'] === 'string' ? params['type'] : 'local';
  const store = STORES[type];
  if (store === undefined || store !== (type === 'local' ? 'memory' : 'redis'))
    notices.warn(
      [...path, 'type'],
      store === undefined ? `the cache "${type}" is not known; answers are kept in memory` : `answers are kept in the ${store} instead of "${type}"`,
    );
  const types = toTexts(params['supported_call_types']);
  if (types !== undefined && !types.some((name) => /completion/.test(name))) return undefined;
  const embedding = EMBEDDING.map((key) => params[key]).find((name) => typeof name === 'string');
  const model = typeof embedding === 'string' ? modelOf(embedding) : undefined;
  const semantic = type.endsWith('-semantic');
  if (semantic && model === undefined)
    notices.warn([...path, 'type'], 'a semantic cache needs an embedding model of model_list; equal requests are cached instead');
  for (const key of Object.keys(params))
    if (!USED.has(key) && !EMBEDDING.includes(key) && key !== 'supported_call_types')
      notices.warn([...path, key], 'is not taken over: the cache has no such setting');
  const ttl = toDuration(params['ttl'] ?? params['default_in_redis_ttl'] ?? params['default_in_memory_ttl']);
  const threshold = toNumber(params['similarity_threshold']);
  return {
    mode: semantic && model !== undefined ? ('semantic' as const) : ('exact' as const),
    store: store ?? ('memory' as const),
    ...(ttl === undefined ? {} : { ttl }),
    ...(semantic && model !== undefined ? { embedding: model } : {}),
    ...(threshold === undefined ? {} : { threshold: Math.min(1, Math.max(0.5, threshold)) }),
    ...(params['mode'] === 'default_off' ? { default: 'off' as const } : {}),
  };
}

/** Whether the configuration caches, and how. */
export function readCacheBlock(config: MergedConfig): { readonly on: boolean; readonly params: Readonly<Record<string, unknown>> } {
  const block = config.value['litellm_settings'];
  const params = isMap(block) && isMap(block['cache_params']) ? block['cache_params'] : {};
  return { on: isMap(block) && toFlag(block['cache']) === true, params };
}
