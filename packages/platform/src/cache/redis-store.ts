import { openRedis } from '#store';
import type { Log } from '#telemetry';
import type { Clock } from '#time';
import type { AnswerStore } from './answer-store.ts';

export interface RedisStoreOptions {
  /** `redis://…` or `rediss://…`. */
  readonly url: string;
  readonly clock: Clock;
  readonly log: Log;
  /** Longest time for one command; 250 ms by default, because a cache must never be slower than no cache. */
  readonly timeoutMs?: number;
}

const PREFIX = 'maru:cache:';
/** After a failure Redis is left alone for this long. */
const REST_MS = 5000;

/** Answers in Redis or Valkey, which does the forgetting by itself. Throws `storage_failed` while Redis can not be reached. */
export function createRedisStore({ url, clock, log, timeoutMs = 250 }: RedisStoreOptions): AnswerStore {
  const redis = openRedis({ url, clock, log, timeoutMs, restMs: REST_MS });
  return {
    async get(key) {
      const bytes = await redis.send(['GET', PREFIX + key], { bytes: true });
      return Buffer.isBuffer(bytes) ? bytes : undefined;
    },
    async set(key, bytes, { expiresMs }) {
      const restMs = Math.floor(expiresMs - clock.nowMs());
      if (restMs > 0) await redis.send(['SET', PREFIX + key, bytes, 'PX', String(restMs)]);
    },
    close: () => redis.close(),
  };
}
