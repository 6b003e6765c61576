import type { Redis } from '#store';
import type { Log } from '#telemetry';

/** Says when the server may throw limits away to make room: then they are forgotten without anybody noticing. */
export async function warnOfEviction(redis: Redis, log: Log): Promise<void> {
  const info = await redis.send(['INFO', 'memory']).catch(() => '');
  const policy = /^maxmemory_policy:(\S+)/m.exec(String(info))?.[1];
  if (policy !== undefined && policy !== 'noeviction')
    log.warn({ policy }, 'the Redis of limits may throw them away to make room: set its maxmemory-policy to noeviction');
}
