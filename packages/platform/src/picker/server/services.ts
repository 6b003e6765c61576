import { PlatformError, toPlatformError } from '@maru/api/errors';
import type { Log } from '#telemetry';
import type { Exchange } from '../exchange/exchange.ts';
import type { Codec } from '../wire/codec.ts';
import type { ProcessingResponse } from '../wire/messages.ts';
import { type GrpcMethod, NOT_FOUND } from './grpc-stream.ts';
import type { Health } from './health.ts';

export interface ServicesOptions {
  readonly codec: Codec;
  readonly health: Health;
  readonly open: (send: (response: ProcessingResponse) => void) => Exchange;
  readonly log: Log;
}

/** The methods of the picker by their paths: `ExternalProcessor.Process`, and `Check` and `Watch` of the health service. */
export const services = (options: ServicesOptions): ReadonlyMap<string, GrpcMethod> =>
  new Map([
    ['/envoy.service.ext_proc.v3.ExternalProcessor/Process', processMethod(options)],
    ['/grpc.health.v1.Health/Check', checkMethod(options)],
    ['/grpc.health.v1.Health/Watch', watchMethod(options)],
  ]);

const processMethod =
  ({ codec, open, log }: ServicesOptions): GrpcMethod =>
  (stream) => {
    const exchange = open((response) => stream.send(codec.encodeResponse(response)));
    const tell = (thrown: unknown): never => {
      const error = toPlatformError(thrown);
      log.error(
        { code: error.code, problem: error.message, cause: error.cause instanceof Error ? error.cause.stack : undefined },
        'an exchange with the proxy has failed',
      );
      throw error;
    };
    return {
      message: (bytes) => {
        try {
          return exchange.receive(read(bytes, codec.decodeRequest))?.catch(tell);
        } catch (error) {
          return tell(error);
        }
      },
      end: () => {
        exchange.end();
        stream.end();
      },
      closed: () => exchange.cancel(),
    };
  };

const checkMethod =
  ({ codec, health }: ServicesOptions): GrpcMethod =>
  (stream) => ({
    message: (bytes) => {
      const { service = '' } = read(bytes, codec.decodeHealthRequest);
      const status = health.statusOf(service);
      if (status !== undefined) stream.send(codec.encodeHealthResponse({ status }));
      stream.end(status === undefined ? { code: NOT_FOUND, message: `there is no service "${service}"` } : undefined);
    },
    end: () => undefined,
    closed: () => undefined,
  });

const watchMethod =
  ({ codec, health }: ServicesOptions): GrpcMethod =>
  (stream) => {
    let leave = (): void => undefined;
    return {
      message: (bytes) => {
        const { service = '' } = read(bytes, codec.decodeHealthRequest);
        leave();
        leave = health.watch(service, { status: (status) => stream.send(codec.encodeHealthResponse({ status })), end: () => stream.end() });
      },
      end: () => undefined,
      closed: () => leave(),
    };
  };

function read<T>(bytes: Buffer, decode: (bytes: Uint8Array) => T): T {
  try {
    return decode(bytes);
  } catch (cause) {
    throw new PlatformError('invalid_request', { message: 'the message is not of this service', cause });
  }
}
