import type { IncomingMessage, ServerResponse } from 'node:http';
import { PlatformError } from '@maru/api/errors';
import type { EngineOperation } from '#engines';
import { readBody, sendJsonWith } from '#http';
import type { Log } from '#telemetry';
import type { Clock, Ids } from '#time';
import { ActiveCalls } from './active-calls.ts';
import { type ClientSink, createHttpSink, createLocalSink, type LocalReply } from './client-sink.ts';
import { Lifetime } from './lifetime.ts';
import { getModel, listModels } from './list-models.ts';
import type { GatewayPorts, Payee, Principal } from './ports.ts';
import { readCredentials } from './read-credentials.ts';
import { readPayee, readRequestId, withoutCredentials } from './read-headers.ts';
import { runCall } from './run-call.ts';
import { sendFailure } from './send-failure.ts';
import { parseTraceparent } from './trace-context.ts';

export interface GatewayOptions {
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  /** Largest request body, packed or unpacked; 32 MiB by default. */
  readonly maxBodyBytes?: number;
  /** Keeps prompts and answers in the spans; off by default. */
  readonly captureContent?: boolean;
}

/** A request from inside the process, for example of an agent. */
export interface LocalRequest {
  readonly operation: EngineOperation;
  /** JSON, as an HTTP client would send it. */
  readonly body: Uint8Array;
  readonly principal: Principal;
  readonly payee?: Payee;
  readonly traceparent?: string;
  readonly requestId?: string;
  readonly signal: AbortSignal;
}

export interface Gateway {
  /** Answers everything under `/v1/`; never throws. */
  handle(request: IncomingMessage, response: ServerResponse): Promise<void>;
  /** The same way for callers in this process, who are known already. Resolves when the status is known; the body must be read or cancelled. */
  invoke(request: LocalRequest): Promise<LocalReply>;
  /** Calls that run. */
  active(): number;
  /** Refuses new calls with `shutting_down`, waits up to `graceMs` for the running ones, then ends them. */
  close(graceMs: number): Promise<void>;
}

const OPERATIONS: ReadonlyMap<string, EngineOperation> = new Map([
  ['/v1/chat/completions', 'chat'],
  ['/v1/completions', 'completions'],
  ['/v1/embeddings', 'embeddings'],
]);
const MODELS = '/v1/models';

/**
 * The data plane: the OpenAI API over every model, route and agent of the platform.
 *
 * @example createServer((request, response) => void createGateway(ports, { clock, ids, log }).handle(request, response));
 */
export function createGateway(ports: GatewayPorts, options: GatewayOptions): Gateway {
  const { clock, ids, log } = options;
  const tools = { ports, clock, ids, log, keepsContent: options.captureContent ?? false };
  const maxBodyBytes = options.maxBodyBytes ?? 32 * 1024 * 1024;
  const active = new ActiveCalls();

  const handleCall = async (operation: EngineOperation, exchange: Exchange): Promise<void> => {
    const { request, response, sink, requestId } = exchange;
    const lifetime = new Lifetime(clock);
    active.enter(lifetime);
    const onClose = (): void => {
      if (!response.writableFinished) lifetime.end(new PlatformError('cancelled', { message: 'the client went away before the answer was complete' }));
    };
    response.once('close', onClose);
    try {
      const principal = await ports.authenticator.authenticate(readCredentials(request.headers));
      checkContentType(request.headers['content-type']);
      const body = await readBody(request, maxBodyBytes);
      await runCall(
        {
          requestId,
          trace: exchange.trace,
          operation,
          body,
          principal,
          payee: readPayee(request.headers),
          headers: withoutCredentials(request.headers),
          lifetime,
          sink,
        },
        tools,
      );
    } finally {
      active.leave(lifetime);
    }
  };

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const sink = createHttpSink(response);
    const requestId = readRequestId(request.headers) ?? ids.next('req');
    const trace = parseTraceparent(firstOf(request.headers['traceparent'])) ?? { traceId: ids.traceId(), parentSpanId: null };
    const plain = { 'x-request-id': requestId, 'x-maru-trace-id': trace.traceId };
    try {
      const path = pathOf(request.url ?? '/');
      const operation = OPERATIONS.get(path);
      if (operation !== undefined) {
        if (request.method !== 'POST') throw wrongMethod(response, path, 'POST');
        await handleCall(operation, { request, response, sink, requestId, trace });
      } else if (path === MODELS || path.startsWith(`${MODELS}/`)) {
        if (request.method !== 'GET' && request.method !== 'HEAD') throw wrongMethod(response, path, 'GET');
        const principal = await ports.authenticator.authenticate(readCredentials(request.headers));
        const body = path === MODELS ? listModels(ports.catalogue, principal) : getModel(ports.catalogue, principal, path.slice(MODELS.length + 1));
        sendJsonWith(response, { status: 200, headers: plain }, body);
      } else {
        throw new PlatformError('not_found', { message: `there is nothing at ${path}; the gateway has ${[...OPERATIONS.keys(), MODELS].join(', ')}` });
      }
    } catch (thrown) {
      drainUnreadBody(request, response, clock);
      if (!response.destroyed) sendFailure(sink, thrown, plain);
    }
  };

  const invoke = (request: LocalRequest): Promise<LocalReply> =>
    new Promise((resolve, reject) => {
      const lifetime = new Lifetime(clock);
      const cancel = (): void => lifetime.end(new PlatformError('cancelled', { message: 'the caller went away before the answer was complete' }));
      const sink = createLocalSink(resolve, cancel);
      const body = Buffer.from(request.body.buffer, request.body.byteOffset, request.body.byteLength);
      try {
        active.enter(lifetime);
      } catch (error) {
        reject(error);
        return;
      }
      request.signal.addEventListener('abort', cancel, { once: true });
      if (request.signal.aborted) cancel();
      const trace = parseTraceparent(request.traceparent) ?? { traceId: ids.traceId(), parentSpanId: null };
      const { operation, principal } = request;
      void runCall(
        { requestId: request.requestId ?? ids.next('req'), trace, operation, body, principal, payee: request.payee ?? {}, headers: {}, lifetime, sink },
        tools,
      )
        .catch(reject)
        .finally(() => {
          request.signal.removeEventListener('abort', cancel);
          active.leave(lifetime);
        });
    });

  return { handle, invoke, active: () => active.size, close: (graceMs) => active.close(clock, graceMs) };
}

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly sink: ClientSink;
  readonly requestId: string;
  readonly trace: { readonly traceId: string; readonly parentSpanId: string | null };
}

const firstOf = (header: string | string[] | undefined): string | undefined => (Array.isArray(header) ? header[0] : header);

/** The path without its query, and without a slash at its end. */
function pathOf(url: string): string {
  const query = url.indexOf('?');
  const path = query < 0 ? url : url.slice(0, query);
  return path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path;
}

function wrongMethod(response: ServerResponse, path: string, allowed: string): PlatformError {
  response.setHeader('allow', allowed);
  return new PlatformError('method_not_allowed', { message: `${path} takes ${allowed}` });
}

/** Clients that name no type are taken at their word; any named type must be JSON. */
function checkContentType(type: string | undefined): void {
  if (type === undefined || /^application\/(?:[\w.-]+\+)?json\b/i.test(type)) return;
  throw new PlatformError('unsupported_media_type', { message: `content-type "${type.slice(0, 100)}" is not supported; send application/json` });
}

/** How long the rest of a refused body is taken off the wire. */
const DRAIN_MS = 2000;

/**
 * A client reads its answer only after it has sent its body: the rest is thrown away for a while, because closing at once would lose the
 * answer on the way.
 */
function drainUnreadBody(request: IncomingMessage, response: ServerResponse, clock: Clock): void {
  if (request.complete || request.destroyed || response.headersSent) return;
  const timer = clock.schedule(DRAIN_MS, () => request.destroy());
  request.once('close', () => timer.cancel());
  request.resume();
}
