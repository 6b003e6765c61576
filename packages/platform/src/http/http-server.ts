import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PlatformError } from '@maru/api/errors';
import type { Clock } from '#time';
import { type Acceptors, BACKLOG, openAcceptors } from './acceptors.ts';
import { sendError } from './respond.ts';

export interface HttpServerOptions {
  /** Answers one request; what it throws becomes an error answer. */
  readonly handler: (request: IncomingMessage, response: ServerResponse) => void | Promise<void>;
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  /** Listens on this Unix socket in place of host and port; one that a dead process left there is taken over. */
  readonly socketPath?: string;
  /** Several processes listen on the port, and the system spreads connections over them. */
  readonly reusePort?: boolean;
  /** Connections that are accepted at once, 1 by default; with more, the port is shared as with `reusePort`. Only where the system can share ports. */
  readonly acceptors?: number;
  readonly clock: Clock;
  /** Longest time for the header of a request; 30 s by default. */
  readonly headersTimeoutMs?: number;
  /** Longest time for a whole request, body included; 5 min by default. */
  readonly requestTimeoutMs?: number;
  /** Idle connections are kept this long; 65 s by default, longer than the balancers in front keep them. */
  readonly keepAliveMs?: number;
  /** How long answers may go on after `close`; 30 s by default. */
  readonly drainMs?: number;
}

export interface HttpServer {
  readonly host: string;
  readonly port: number;
  /** `http://host:port`, as a browser on this machine would open it. */
  readonly url: string;
  /** Requests that are being answered. */
  active(): number;
  /** Stops accepting, lets answers finish for `drainMs`, then cuts them. Resolves when the last connection is closed. */
  close(): Promise<void>;
}

/** Listens. Throws `port_in_use` with the port, or `config_invalid` when the address can not be used. */
export async function createHttpServer(options: HttpServerOptions): Promise<HttpServer> {
  let active = 0;
  let closing: Promise<void> | undefined;

  const headersTimeoutMs = options.headersTimeoutMs ?? 30_000;
  const server = createServer({
    headersTimeout: headersTimeoutMs,
    requestTimeout: options.requestTimeoutMs ?? 300_000,
    // Node looks only this often for requests that come too slowly.
    connectionsCheckingInterval: Math.min(5000, headersTimeoutMs),
    maxHeaderSize: 32 * 1024,
  });
  server.keepAliveTimeout = options.keepAliveMs ?? 65_000;
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    active += 1;
    response.once('close', () => {
      active -= 1;
      // A connection that was busy when closing began becomes idle now, and would be kept open.
      if (closing !== undefined) setImmediate(() => server.closeIdleConnections());
    });
    if (closing !== undefined) response.setHeader('connection', 'close');
    void answer(options.handler, request, response);
  });
  server.on('clientError', (_error, socket) => {
    if (socket.writable) socket.end('HTTP/1.1 400 Bad Request\r\nconnection: close\r\ncontent-length: 0\r\n\r\n');
    else socket.destroy();
  });

  const listen = async (where: { readonly port: number; readonly reusePort: boolean }): Promise<void> => {
    server.listen(options.socketPath === undefined ? { ...where, host: options.host, backlog: BACKLOG } : { path: options.socketPath });
    await once(server, 'listening');
  };
  const shared = options.reusePort ?? false;
  const further = options.socketPath === undefined && (shared || process.platform === 'linux') ? (options.acceptors ?? 1) - 1 : 0;
  let acceptors: Acceptors | undefined;
  try {
    if (options.socketPath !== undefined) rmSync(options.socketPath, { force: true });
    // A port that is shared hides that another program has it: listening alone for a moment shows it.
    if (further > 0 && !shared && options.port !== 0) {
      await listen({ port: options.port, reusePort: false });
      await new Promise((resolve) => server.close(resolve));
    }
    await listen({ port: options.port, reusePort: shared || further > 0 });
    if (further > 0) {
      const { port } = server.address() as AddressInfo;
      acceptors = await openAcceptors({ host: options.host, port, count: further, onConnection: (socket) => void server.emit('connection', socket) });
    }
  } catch (cause) {
    server.close();
    throw listenError(cause as NodeJS.ErrnoException, options);
  }
  const port = options.socketPath === undefined ? (server.address() as AddressInfo).port : 0;

  const close = async (): Promise<void> => {
    const closed = Promise.all([new Promise<void>((resolve) => server.close(() => resolve())), acceptors?.close()]);
    server.closeIdleConnections();
    const timer = options.clock.schedule(options.drainMs ?? 30_000, () => server.closeAllConnections());
    await closed;
    timer.cancel();
  };

  return {
    host: options.host,
    port,
    url: httpUrl(options.host, port),
    active: () => active,
    close: () => {
      closing ??= close();
      return closing;
    },
  };
}

async function answer(handler: HttpServerOptions['handler'], request: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    await handler(request, response);
  } catch (error) {
    if (response.headersSent) response.destroy();
    else sendError(response, error);
  }
}

function listenError(cause: NodeJS.ErrnoException, options: HttpServerOptions): PlatformError {
  if (cause.code === 'EADDRINUSE') {
    return new PlatformError('port_in_use', {
      message: `port ${options.port} on ${options.host} is in use by another program; stop it, or choose another port with --port`,
      cause,
      details: { port: options.port, host: options.host },
    });
  }
  return new PlatformError('config_invalid', { message: `can not listen on ${options.host}:${options.port} (${cause.code ?? cause.message})`, cause });
}

/** `http://host:port`, as a browser on this machine would open it. */
export const httpUrl = (host: string, port: number): string => `http://${urlHost(host)}:${port}`;

const urlHost = (host: string): string => {
  if (host === '0.0.0.0' || host === '::') return 'localhost';
  return host.includes(':') ? `[${host}]` : host;
};
