import { PlatformError } from '@maru/api/errors';
import type { Clock } from '#time';
import type { Service } from './services.ts';

export interface GrpcServerOptions {
  /** `host:port`; port 0 takes any free one. */
  readonly listen: string;
  /** PEM; without it connections are plain HTTP/2. */
  readonly tls: { readonly certificate: Buffer; readonly key: Buffer } | undefined;
  readonly services: readonly Service[];
  readonly clock: Clock;
}

export interface GrpcServer {
  readonly port: number;
  /** Takes no new streams, waits for the open ones as long as this, then cuts them. */
  close(graceMs: number): Promise<void>;
}

/** Most bytes of one message: proxies send bodies in pieces that are far smaller. */
const MAX_MESSAGE_BYTES = 16 * 1024 * 1024;

/** Listens for gRPC; the library is loaded here, at first use. Throws `port_in_use`. */
export async function openGrpcServer({ listen, tls, services, clock }: GrpcServerOptions): Promise<GrpcServer> {
  const { logVerbosity, Server, ServerCredentials, setLogVerbosity } = await import('@grpc/grpc-js');
  // What it would print is thrown or logged here.
  setLogVerbosity(logVerbosity.NONE);
  const server = new Server({
    'grpc.max_receive_message_length': MAX_MESSAGE_BYTES,
    'grpc.max_concurrent_streams': 100_000,
    'grpc-node.flow_control_window': 4 * 1024 * 1024,
    'grpc.enable_channelz': 0,
  });
  for (const { definition, handlers } of services) server.addService(definition, handlers);
  const credentials =
    tls === undefined ? ServerCredentials.createInsecure() : ServerCredentials.createSsl(null, [{ cert_chain: tls.certificate, private_key: tls.key }]);
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync(listen, credentials, (cause, bound) => {
      if (cause === null) resolve(bound);
      else reject(new PlatformError('port_in_use', { message: `can not listen on ${listen}: ${cause.message}`, cause }));
    });
  });
  return {
    port,
    close: (graceMs) =>
      new Promise((resolve) => {
        const end = (): void => {
          timer.cancel();
          server.forceShutdown();
          resolve();
        };
        const timer = clock.schedule(graceMs, end);
        server.tryShutdown(end);
      }),
  };
}
