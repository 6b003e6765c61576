import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';

/** Connections that wait to be accepted; the system cuts it to what it allows. */
export const BACKLOG = 4096;

/** So many connections are accepted at once by a server that faces clients. */
export const CLIENT_ACCEPTORS = 32;

export interface AcceptorsOptions {
  readonly host: string;
  readonly port: number;
  readonly count: number;
  readonly onConnection: (socket: Socket) => void;
}

/** Further listeners on a port. */
export interface Acceptors {
  /** Resolves when the last connection of theirs is closed. */
  close(): Promise<void>;
}

/**
 * The event loop accepts one connection per listener and turn. Under overload a turn takes tens of milliseconds, so that with one
 * listener a thousand clients, and whoever asks whether the process is well, would wait for half a minute. Fails as `listen` does.
 */
export async function openAcceptors({ host, port, count, onConnection }: AcceptorsOptions): Promise<Acceptors> {
  const servers: Server[] = [];
  const close = async (): Promise<void> => {
    await Promise.all(servers.map((server) => new Promise<void>((resolve) => server.close(() => resolve()))));
  };
  try {
    const listening: Promise<unknown>[] = [];
    for (let index = 0; index < count; index += 1) {
      // As the server of HTTP makes its own.
      const server = createServer({ allowHalfOpen: true, noDelay: true }, onConnection);
      servers.push(server);
      server.listen({ host, port, reusePort: true, backlog: BACKLOG });
      listening.push(once(server, 'listening'));
    }
    await Promise.all(listening);
  } catch (error) {
    await close();
    throw error;
  }
  return { close };
}
