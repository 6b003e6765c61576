import { constants, createSecureServer, createServer, type Http2Server, type ServerHttp2Session, type ServerHttp2Stream, type ServerOptions } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { PlatformError } from '@maru/api/errors';
import type { Clock } from '#time';
import { endWith, type GrpcMethod, serveStream, UNIMPLEMENTED } from './grpc-stream.ts';

export interface GrpcServerOptions {
  /** `host:port`; port 0 takes any free one. */
  readonly listen: string;
  /** PEM; without it connections are plain HTTP/2. */
  readonly tls: { readonly certificate: Buffer; readonly key: Buffer } | undefined;
  /** By their paths. */
  readonly methods: ReadonlyMap<string, GrpcMethod>;
  readonly clock: Clock;
}

export interface GrpcServer {
  readonly port: number;
  /** Takes no new connections, waits for open streams as long as this, then cuts them. */
  close(graceMs: number): Promise<void>;
}

const WINDOW_BYTES = 1024 * 1024;

/**
 * A proxy ends each exchange by resetting its stream, which the defaults (1,000, and 33 a second) take for an attack: they would cut the
 * connection, and every open request with it. A library for gRPC gives no way to set them.
 */
const SERVER_OPTIONS: ServerOptions = {
  streamResetBurst: 1_000_000,
  streamResetRate: 1_000_000,
  maxSessionMemory: 1024,
  settings: { initialWindowSize: WINDOW_BYTES, maxConcurrentStreams: 100_000 },
};

/** Listens for gRPC over HTTP/2. Throws `port_in_use`, and `config_invalid` for an address that is none. */
export async function openGrpcServer({ listen, tls, methods, clock }: GrpcServerOptions): Promise<GrpcServer> {
  const server: Http2Server = tls === undefined ? createServer(SERVER_OPTIONS) : createSecureServer({ ...SERVER_OPTIONS, cert: tls.certificate, key: tls.key });
  const sessions = new Set<ServerHttp2Session>();
  server.on('session', (session) => {
    session.setLocalWindowSize(16 * WINDOW_BYTES);
    sessions.add(session);
    session.once('close', () => sessions.delete(session));
    // A connection that breaks ends its streams, and they tell.
    session.on('error', () => undefined);
  });
  server.on('stream', (stream: ServerHttp2Stream, headers) => {
    const method = methods.get(String(headers[constants.HTTP2_HEADER_PATH]));
    stream.on('error', () => undefined);
    if (method === undefined) endWith(stream, { code: UNIMPLEMENTED, message: 'there is no such method' });
    else serveStream(stream, method);
  });
  const port = await listenOn(server, listen);
  return {
    port,
    close: (graceMs) =>
      new Promise((resolve) => {
        const timer = clock.schedule(graceMs, () => {
          for (const session of sessions) session.destroy();
        });
        server.close(() => {
          timer.cancel();
          resolve();
        });
        for (const session of sessions) session.close();
      }),
  };
}

function listenOn(server: Http2Server, listen: string): Promise<number> {
  const [, host, port] = /^\[?([^\]]+?)\]?:(\d{1,5})$/.exec(listen) ?? [];
  if (host === undefined || Number(port) > 65_535)
    throw new PlatformError('config_invalid', { message: `can not listen on "${listen}"; write host:port, such as 127.0.0.1:9002` });
  return new Promise((resolve, reject) => {
    server.once('error', (cause) => reject(new PlatformError('port_in_use', { message: `can not listen on ${listen}: ${cause.message}`, cause })));
    server.listen(Number(port), host, () => resolve((server.address() as AddressInfo).port));
  });
}
