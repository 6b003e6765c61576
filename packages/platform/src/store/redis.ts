import { PlatformError } from '@maru/api/errors';
import type { Log } from '#telemetry';
import type { Clock } from '#time';

/** A server of Redis or Valkey. */
export interface Redis {
  /**
   * Sends one command, and reads strings as bytes where `bytes` is set. Throws `storage_failed` when the server refuses the command, is not
   * there or is silent; a command whose answer did not come in time may have been carried out.
   */
  send(command: readonly (string | Buffer)[], options?: { readonly bytes?: boolean }): Promise<unknown>;
  close(): Promise<void>;
}

export interface OpenRedisOptions {
  /** `redis://…` or `rediss://…`. */
  readonly url: string;
  readonly clock: Clock;
  readonly log: Log;
  /** The longest time for one command, with its connection where there is none. */
  readonly timeoutMs: number;
  /** How long a server that did not answer is left alone. */
  readonly restMs: number;
}

/** A server that refuses a command was heard: the connection is a good one. */
type Answer = { readonly reply: unknown } | { readonly refusal: Error };

interface Client {
  send(command: readonly (string | Buffer)[], bytes: boolean): Promise<Answer>;
  close(): void;
}

/** Connects at the first command, and again at the first one after a failure. */
export function openRedis({ url, clock, log, timeoutMs, restMs }: OpenRedisOptions): Redis {
  let connecting: Promise<Client> | undefined;
  let restUntil = Number.NEGATIVE_INFINITY;
  let closed = false;

  const open = (): Promise<Client> => {
    const opened = connect({
      url,
      log,
      onGone: () => {
        if (connecting === opened) connecting = undefined;
      },
    });
    connecting = opened;
    return opened;
  };

  const within = <T>(work: Promise<T>): Promise<T> =>
    new Promise((resolve, reject) => {
      const timer = clock.schedule(timeoutMs, () => reject(new PlatformError('storage_failed', { message: `Redis was silent for ${timeoutMs} ms` })));
      work.then(resolve, reject).finally(() => timer.cancel());
    });

  return {
    async send(command, options = {}) {
      if (closed) throw new PlatformError('storage_failed', { message: 'the connection to Redis was closed' });
      if (clock.monotonicMs() < restUntil) throw new PlatformError('storage_failed', { message: 'Redis did not answer a moment ago' });
      const own = connecting ?? open();
      const answer = await within(own.then((client) => client.send(command, options.bytes === true))).catch((thrown: unknown) => {
        restUntil = clock.monotonicMs() + restMs;
        // A new connection the next time: the old one is closed as soon as it is there.
        if (connecting === own) connecting = undefined;
        void own.then(
          (client) => client.close(),
          () => undefined,
        );
        throw new PlatformError('storage_failed', { message: 'Redis can not be used', cause: thrown });
      });
      if ('refusal' in answer) throw new PlatformError('storage_failed', { message: 'Redis refuses a command', cause: answer.refusal });
      return answer.reply;
    },
    async close() {
      closed = true;
      const client = await connecting?.catch(() => undefined);
      connecting = undefined;
      client?.close();
    },
  };
}

async function connect({ url, log, onGone }: { url: string; log: Log; onGone: () => void }): Promise<Client> {
  const { createClient, ErrorReply, RESP_TYPES } = await import('@redis/client');
  const client = createClient({ url, socket: { reconnectStrategy: false, connectTimeout: 2000 }, disableOfflineQueue: true });
  // Without a listener a connection that breaks would end the process.
  client.on('error', (error: { code?: unknown }) => {
    log.warn({ code: error.code }, 'the connection to Redis broke');
    onGone();
  });
  await client.connect();
  const inBytes = client.withTypeMapping({ [RESP_TYPES.BLOB_STRING]: Buffer });
  return {
    send: (command, bytes) =>
      (bytes ? inBytes : client).sendCommand(command).then(
        (reply: unknown) => ({ reply }),
        (thrown: unknown) => {
          if (thrown instanceof ErrorReply) return { refusal: thrown };
          throw thrown;
        },
      ),
    close: () => {
      if (client.isOpen) client.destroy();
    },
  };
}
