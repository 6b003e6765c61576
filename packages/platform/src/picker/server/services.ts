import type { ServerDuplexStream, ServerUnaryCall, ServerWritableStream, ServiceDefinition, sendUnaryData, UntypedServiceImplementation } from '@grpc/grpc-js';
import { toPlatformError } from '@maru/api/errors';
import type { Log } from '#telemetry';
import type { Exchange } from '../exchange/exchange.ts';
import type { Codec } from '../wire/codec.ts';
import type { ProcessingRequest, ProcessingResponse } from '../wire/messages.ts';
import type { Health } from './health.ts';

/** Numbers of gRPC's states. */
const INVALID_ARGUMENT = 3;
const NOT_FOUND = 5;
const INTERNAL = 13;

/** One service of the server: what it is called, and what answers. */
export interface Service {
  readonly definition: ServiceDefinition;
  readonly handlers: UntypedServiceImplementation;
}

/** `envoy.service.ext_proc.v3.ExternalProcessor`. */
export const processorService = (codec: Codec, open: (send: (response: ProcessingResponse) => void) => Exchange, log: Log): Service => ({
  definition: {
    process: {
      path: '/envoy.service.ext_proc.v3.ExternalProcessor/Process',
      requestStream: true,
      responseStream: true,
      requestDeserialize: codec.decodeRequest,
      requestSerialize: codec.encodeRequest,
      responseSerialize: codec.encodeResponse,
      responseDeserialize: codec.decodeResponse,
    },
  },
  handlers: { process: (call: ServerDuplexStream<ProcessingRequest, ProcessingResponse>) => serve(call, open, log) },
});

function serve(
  call: ServerDuplexStream<ProcessingRequest, ProcessingResponse>,
  open: (send: (response: ProcessingResponse) => void) => Exchange,
  log: Log,
): void {
  const exchange = open((response) => {
    // What a slow proxy does not take must not pile up here.
    if (!call.write(response)) call.pause();
  });
  const fail = (thrown: unknown): void => {
    const error = toPlatformError(thrown);
    exchange.cancel();
    log.error(
      { code: error.code, problem: error.message, cause: error.cause instanceof Error ? error.cause.stack : undefined },
      'an exchange with the proxy has failed',
    );
    call.emit('error', { code: error.code === 'invalid_request' ? INVALID_ARGUMENT : INTERNAL, details: error.message });
  };
  call.on('drain', () => call.resume());
  call.on('data', (message: ProcessingRequest) => {
    try {
      const more = exchange.receive(message);
      if (more !== undefined) more.catch(fail);
    } catch (error) {
      fail(error);
    }
  });
  call.on('cancelled', () => exchange.cancel());
  call.on('error', () => exchange.cancel());
  call.on('end', () => {
    exchange.end();
    call.end();
  });
}

/** `grpc.health.v1.Health`. */
export const healthService = (codec: Codec, health: Health): Service => ({
  definition: {
    check: { ...methodOf(codec, 'Check'), responseStream: false },
    watch: { ...methodOf(codec, 'Watch'), responseStream: true },
  },
  handlers: {
    check: (call: ServerUnaryCall<HealthRequest, HealthResponse>, answer: sendUnaryData<HealthResponse>) => {
      const status = health.statusOf(call.request.service ?? '');
      if (status === undefined) answer({ code: NOT_FOUND, details: `there is no service "${call.request.service}"` });
      else answer(null, { status });
    },
    watch: (call: ServerWritableStream<HealthRequest, HealthResponse>) => {
      const leave = health.watch(call.request.service ?? '', { status: (status) => call.write({ status }), end: () => call.end() });
      call.on('cancelled', leave);
    },
  },
});

interface HealthRequest {
  readonly service?: string;
}

interface HealthResponse {
  readonly status: number;
}

const methodOf = (codec: Codec, name: string) => ({
  path: `/grpc.health.v1.Health/${name}`,
  requestStream: false,
  requestDeserialize: codec.decodeHealthRequest,
  requestSerialize: codec.encodeHealthRequest,
  responseSerialize: codec.encodeHealthResponse,
  responseDeserialize: codec.decodeHealthResponse,
});
