import { PlatformError } from '@maru/api/errors';
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

/** The part of the client that is used. */
interface Client {
  get(key: string): Promise<Buffer | null>;
  set(key: string, value: Buffer, options: { PX: number }): Promise<unknown>;
  close(): void;
}

const PREFIX = 'maru:cache:';
/** After a failure Redis is left alone for this long. */
const REST_MS = 5000;

/** Answers in Redis or Valkey, which does the forgetting by itself. Throws `storage_failed` while Redis can not be reached. */
export function createRedisStore(options: RedisStoreOptions): AnswerStore {
  const { clock, log } = options;
  const timeoutMs = options.timeoutMs ?? 250;
  let connecting: Promise<Client> | undefined;
  let restUntilMs = 0;

  const within = <T>(work: Promise<T>): Promise<T> =>
    new Promise((resolve, reject) => {
      const timer = clock.schedule(timeoutMs, () => reject(new PlatformError('storage_failed', { message: `Redis was silent for ${timeoutMs} ms` })));
      work.then(resolve, reject).finally(() => timer.cancel());
    });

  const run = async <T>(command: (client: Client) => Promise<T>): Promise<T> => {
    if (clock.nowMs() < restUntilMs) throw new PlatformError('storage_failed', { message: 'Redis did not answer a moment ago' });
    connecting ??= connect(options.url, log);
    const own = connecting;
    try {
      return await within(own.then(command));
    } catch (thrown) {
      restUntilMs = clock.nowMs() + REST_MS;
      // A new connection the next time: the old one is closed as soon as it is there.
      if (connecting === own) connecting = undefined;
      void own.then(
        (client) => client.close(),
        () => undefined,
      );
      throw new PlatformError('storage_failed', { message: 'the cache in Redis can not be used', cause: thrown });
    }
  };

  return {
    async get(key) {
      return (await run((client) => client.get(PREFIX + key))) ?? undefined;
    },
    async set(key, bytes, { expiresMs }) {
      const restMs = Math.floor(expiresMs - clock.nowMs());
      if (restMs > 0) await run((client) => client.set(PREFIX + key, bytes, { PX: restMs }));
    },
    async close() {
      const client = await connecting?.catch(() => undefined);
      connecting = undefined;
      client?.close();
    },
  };
}

async function connect(url: string, log: Log): Promise<Client> {
  const { createClient, RESP_TYPES } = await import('@redis/client');
  const client = createClient({ url, socket: { reconnectStrategy: false, connectTimeout: 2000 }, disableOfflineQueue: true });
  // Without a listener a connection that breaks would end the process.
  client.on('error', (error: { code?: unknown }) => log.warn({ code: error.code }, 'the connection to Redis broke'));
  await client.connect();
  const bytes = client.withTypeMapping({ [RESP_TYPES.BLOB_STRING]: Buffer });
  return {
    get: (key) => bytes.get(key),
    set: (key, value, options) => bytes.set(key, value, { expiration: { type: 'PX', value: options.PX } }),
    close: () => {
      if (client.isOpen) client.destroy();
    },
  };
}
