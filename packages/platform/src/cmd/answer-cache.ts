import { durationToMs, type RouteCache } from '@maru/api/resources';
import { type AnswerCache, type AnswerStore, createAnswerCache, createDatabaseStore, createMemoryStore, createRedisStore, type Embedder } from '#cache';
import type { CallCache, CallCachePolicy } from '#gateway';
import type { FindEmbedder } from '#knowledge';
import type { Registry } from '#resources';
import type { Store } from '#store';
import type { Log } from '#telemetry';
import type { Clock } from '#time';
import { routeOfCall } from './route-of-call.ts';

export interface AnswerCacheTools {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly redisUrl: string | undefined;
}

/** Answers in memory: a part of the memory that the platform may take. */
const MEMORY_BYTES = 48 * 1024 * 1024;
const DATABASE_BYTES = 1024 * 1024 * 1024;

/** The cache with the stores of this platform; Redis only where an address is set. */
export function openAnswerCache({ store, clock, log, redisUrl }: AnswerCacheTools): AnswerCache {
  const stores: Record<string, AnswerStore> = {
    memory: createMemoryStore({ clock, maxBytes: MEMORY_BYTES }),
    database: createDatabaseStore({ store, clock, maxBytes: DATABASE_BYTES }),
    ...(redisUrl === undefined ? {} : { redis: createRedisStore({ url: redisUrl, clock, log }) }),
  };
  return createAnswerCache({ clock, log, stores });
}

/** Which calls use the cache, as their Routes say. */
export function callCache(options: { readonly cache: AnswerCache; readonly registry: Registry; readonly findEmbedder: FindEmbedder }): CallCache {
  const policies = new WeakMap<RouteCache, CallCachePolicy>();
  return {
    cache: options.cache,
    policyOf(facts) {
      const spec = routeOfCall(options.registry, facts)?.spec.cache;
      if (spec === undefined) return undefined;
      let policy = policies.get(spec);
      if (policy === undefined) {
        policy = toPolicy(spec, options.findEmbedder);
        policies.set(spec, policy);
      }
      return policy;
    },
  };
}

function toPolicy(spec: RouteCache, findEmbedder: FindEmbedder): CallCachePolicy {
  const { embedding } = spec;
  return {
    store: spec.store,
    ttlMs: durationToMs(spec.ttl),
    scope: spec.scope,
    ...(spec.mode === 'semantic' && embedding !== undefined ? { semantic: { embedder: embedderOf(embedding, findEmbedder), threshold: spec.threshold } } : {}),
    tools: spec.tools,
    singleFlight: spec.singleFlight,
    maxAnswerBytes: spec.maxAnswerBytes,
    timed: spec.replay === 'timed',
    chargePercent: spec.chargePercent,
    byDefault: spec.default === 'on',
  };
}

/** Vectors of length 1, whatever the model makes. */
export const embedderOf = (name: string, findEmbedder: FindEmbedder): Embedder => ({
  name,
  async embed(text, signal) {
    const [vector] = await findEmbedder(name).embed([text], signal);
    if (vector === undefined) return new Float32Array();
    const length = Math.hypot(...vector) || 1;
    return vector.map((value) => value / length);
  },
});
