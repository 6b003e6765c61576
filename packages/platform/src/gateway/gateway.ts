import type { IncomingMessage, ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { PlatformError } from '@maru/api/errors';
import type { EngineOperation } from '#engines';
import { readBody, sendJsonWith } from '#http';
import type { Log } from '#telemetry';
import type { Clock, Ids } from '#time';
import { ActiveCalls } from './active-calls.ts';
import { arraySink } from './array-sink.ts';
import { answerBatches, isBatchesPath } from './batches-api.ts';
import { type ClientSink, createHttpSink, createLocalSink, type LocalReply } from './client-sink.ts';
import { doorOf, type ErrorShape, findDoor, type OpenDoor } from './door.ts';
import type { Draft } from './draft.ts';
import { answerFiles, isFilesPath } from './files-api.ts';
import { readIdempotencyKey, runOnce } from './idempotency/run-once.ts';
import { Lifetime } from './lifetime.ts';
import { isModelsPath, readModels } from './list-models.ts';
import { MirrorCalls } from './mirror-calls.ts';
import type { Incoming } from './open-call.ts';
import { CallTurns } from './overload/call-turns.ts';
import { callerOf } from './overload/caller-of.ts';
import { Refusals } from './overload/refusals.ts';
import type { Attempt, GatewayPorts, Payee, Principal } from './ports.ts';
import { readCredentials } from './read-credentials.ts';
import { readPayee, readRequestId, withoutCredentials } from './read-headers.ts';
import { amendSink } from './responses/amend-sink.ts';
import { answerResponseRequest, isResponsePath, methodsOf, readStream } from './responses/responses-api.ts';
import { startBackground } from './responses/run-background.ts';
import { streamResponse } from './responses/stream-response.ts';
import { runCall } from './run-call.ts';
import { sendFailure } from './send-failure.ts';
import { parseTraceparent } from './trace-context.ts';
import { readBoundary } from './upload/multipart-scanner.ts';
import { Upload } from './upload/upload.ts';

export interface GatewayOptions {
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  /** Largest request body, packed or unpacked; 32 MiB by default. */
  readonly maxBodyBytes?: number;
  /** Where the beginning of a large upload waits for the name of its model; the system's folder by default. */
  readonly uploadDir?: string;
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
  /** What is asked in place of each attempt that the placement has chosen: a batch of a provider, or what it has answered. */
  readonly via?: (attempt: Attempt) => Attempt;
}

export interface Gateway {
  /** Answers everything under `/v1/`; never throws. */
  handle(request: IncomingMessage, response: ServerResponse): Promise<void>;
  /** The same way for callers in this process, who are known already. Resolves when the status is known; the body must be read or cancelled. */
  invoke(request: LocalRequest): Promise<LocalReply>;
  /** Calls that run. */
  active(): number;
  /** Calls that wait because the thread is busy, and those that were refused because too many did, since the process began. */
  overload(): { readonly waiting: number; readonly refused: number };
  /** Refuses new calls with `shutting_down`, waits up to `graceMs` for the running ones, then ends them. */
  close(graceMs: number): Promise<void>;
}

/**
 * The data plane: the OpenAI API over every model, route and agent of the platform.
 *
 * @example createServer((request, response) => void createGateway(ports, { clock, ids, log }).handle(request, response));
 */
export function createGateway(ports: GatewayPorts, options: GatewayOptions): Gateway {
  const { clock, ids, log } = options;
  const mirrors = new MirrorCalls({ clock, ids, tracer: ports.tracer });
  const tools = { ports, clock, ids, log, mirrors, keepsContent: options.captureContent ?? false };
  const maxBodyBytes = options.maxBodyBytes ?? 32 * 1024 * 1024;
  const uploadDir = options.uploadDir ?? tmpdir();
  const active = new ActiveCalls();
  const turns = new CallTurns<IncomingMessage>({ clock, nextTurn: setImmediate, callerOf });
  const refusals = new Refusals({ clock, nextTurn: setImmediate, drain: (request) => drainUnreadBody(request, clock) });

  const handleCall = async (door: OpenDoor, exchange: Exchange): Promise<void> => {
    const { request, response, sink, requestId } = exchange;
    const lifetime = new Lifetime(clock);
    active.enter(lifetime);
    const onClose = (): void => {
      if (!response.writableFinished) lifetime.end(new PlatformError('cancelled', { message: 'the client went away before the answer was complete' }));
    };
    response.once('close', onClose);
    try {
      const known = ports.authenticator.authenticate(readCredentials(request.headers, request.url));
      const principal = known instanceof Promise ? await known : known;
      const upload = door.door.parts === true ? readBoundary(request.headers['content-type'] ?? '') : undefined;
      if (upload === undefined) checkContentType(request.headers['content-type']);
      const incoming: Draft<Incoming> = {
        requestId,
        trace: exchange.trace,
        door,
        body: upload === undefined ? await readBody(request, maxBodyBytes) : NO_BODY,
        principal,
        payee: readPayee(request.headers),
        headers: withoutCredentials(request.headers),
        lifetime,
        sink: wantsArray(door, request.url) ? arraySink(sink) : sink,
      };
      if (request.url !== undefined) incoming.url = request.url;
      if (upload !== undefined) await runUpload(request, incoming, upload);
      else if (ports.idempotency !== undefined && request.headers['idempotency-key'] !== undefined) await runKeyed(request, response, incoming);
      else await runBody(response, incoming);
    } finally {
      active.leave(lifetime);
    }
  };

  const runBody = (response: ServerResponse, incoming: Incoming): Promise<void> =>
    incoming.door.door.format === 'openai-responses' ? runResponse(response, incoming) : runCall(incoming, tools);

  const runKeyed = async (request: IncomingMessage, response: ServerResponse, incoming: Incoming): Promise<void> => {
    const key = readIdempotencyKey(request.headers['idempotency-key']);
    const { body } = incoming;
    if (key === undefined || ports.idempotency === undefined || !Buffer.isBuffer(body)) await runBody(response, incoming);
    else await runOnce({ ...incoming, body }, key, { idempotency: ports.idempotency, run: (own) => runBody(response, own) });
  };

  const runResponse = async (response: ServerResponse, incoming: Incoming): Promise<void> => {
    const { responses } = ports;
    const { body } = incoming;
    if (responses === undefined || !Buffer.isBuffer(body)) return runCall(incoming, tools);
    const { tenant } = incoming.principal;
    const prepared = await responses.prepare(tenant, body);
    const { previousId } = prepared;
    if (prepared.background) {
      const background = { responses, catalogue: ports.catalogue, clock, ids, log, enter: active.enter.bind(active), leave: active.leave.bind(active) };
      const { id, answer, stream } = await startBackground(incoming, prepared, { ...background, run: (call) => runCall(call, tools) });
      const headers = { 'x-request-id': incoming.requestId, 'x-maru-trace-id': incoming.trace.traceId };
      if (stream) return streamResponse(incoming.sink, { responses, tenant, id, after: -1, headers, lifetime: incoming.lifetime });
      return sendJsonWith(response, { status: 200, headers }, answer);
    }
    const sink = previousId === undefined ? incoming.sink : amendSink(incoming.sink, UNKNOWN_PREVIOUS, `"previous_response_id":${JSON.stringify(previousId)}`);
    const onComplete = async (last: Buffer): Promise<void> => {
      await responses.keep(tenant, prepared, last);
      await incoming.onComplete?.(last);
    };
    await runCall({ ...incoming, body: prepared.body, sink, onComplete }, tools);
  };

  const handleResponse = async (
    request: IncomingMessage,
    response: ServerResponse,
    options: { path: string; headers: Record<string, string> },
  ): Promise<void> => {
    const { path, headers } = options;
    const method = request.method ?? '';
    const allowed = methodsOf(path);
    if (!allowed.includes(method)) throw wrongMethod(response, path, allowed.join(', '));
    const { tenant } = await ports.authenticator.authenticate(readCredentials(request.headers, request.url));
    if (ports.responses === undefined) throw new PlatformError('not_found', { message: 'this platform keeps no responses' });
    const query = new URLSearchParams((request.url ?? '').split('?')[1] ?? '');
    const stream = readStream({ method, path, query });
    if (stream === undefined) {
      sendJsonWith(response, { status: 200, headers }, await answerResponseRequest(ports.responses, { method, path, query, tenant }));
      return;
    }
    const lifetime = new Lifetime(clock);
    active.enter(lifetime);
    response.once('close', () => lifetime.end(new PlatformError('cancelled', { message: 'the client went away' })));
    try {
      await streamResponse(createHttpSink(response), { responses: ports.responses, tenant, ...stream, headers, lifetime });
    } finally {
      active.leave(lifetime);
    }
  };

  const runUpload = async (request: IncomingMessage, incoming: Incoming, boundary: string): Promise<void> => {
    const contentType = request.headers['content-type'] ?? '';
    if (request.headers['content-encoding'] !== undefined) {
      throw new PlatformError('unsupported_media_type', { message: 'an upload in parts can not be packed; send it without content-encoding' });
    }
    const upload = await Upload.open(request, { contentType, boundary, limitBytes: maxBodyBytes, folder: uploadDir, name: ids.next('upload') });
    try {
      await runCall({ ...incoming, body: upload }, tools);
    } finally {
      await upload.close();
      // A refusal may come before the whole upload has arrived; the client reads it after it has sent the rest.
      if (!request.complete) drainUnreadBody(request, clock);
    }
  };

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const path = pathOf(request.url ?? '/');
    const door = request.method === 'POST' ? findDoor(path) : undefined;
    if (door === undefined) return answer(request, response, { path, door: findDoor(path) });
    // Before anything else is made for the request: a refusal is to cost as little as it can.
    const turn = turns.enter(request);
    if (turn === false) {
      refusals.add({ request, response, shape: door.door.errors });
      return;
    }
    try {
      if (turn !== true) await turn;
      await answer(request, response, { path, door });
    } finally {
      turns.leave();
    }
  };

  const answer = async (request: IncomingMessage, response: ServerResponse, { path, door }: Asked): Promise<void> => {
    const sink = createHttpSink(response);
    const requestId = readRequestId(request.headers) ?? ids.next('req');
    const trace = parseTraceparent(firstOf(request.headers['traceparent'])) ?? { traceId: ids.traceId(), parentSpanId: null };
    const plain = { 'x-request-id': requestId, 'x-maru-trace-id': trace.traceId };
    try {
      if (door !== undefined) {
        if (request.method !== 'POST') throw wrongMethod(response, path, 'POST');
        await handleCall(door, { request, response, sink, requestId, trace });
      } else if (ports.stored !== undefined && (isFilesPath(path) || isBatchesPath(path))) {
        const principal = await ports.authenticator.authenticate(readCredentials(request.headers, request.url));
        const asked = { request, response, path, principal, headers: plain };
        await (isFilesPath(path) ? answerFiles(ports.stored.files, asked) : answerBatches(ports.stored.batches, asked));
      } else if (isResponsePath(path)) {
        await handleResponse(request, response, { path, headers: plain });
      } else if (isModelsPath(path)) {
        if (request.method !== 'GET' && request.method !== 'HEAD') throw wrongMethod(response, path, 'GET');
        const principal = await ports.authenticator.authenticate(readCredentials(request.headers, request.url));
        sendJsonWith(response, { status: 200, headers: plain }, readModels({ path, headers: request.headers, catalogue: ports.catalogue, principal }));
      } else {
        throw new PlatformError('not_found', { message: `there is nothing at ${path.slice(0, 200)}; docs/gateway lists every path` });
      }
    } catch (thrown) {
      if (!request.complete && !response.headersSent) drainUnreadBody(request, clock);
      if (!response.destroyed) sendFailure(sink, thrown, { shape: door?.door.errors ?? shapeOfPath(path), headers: plain });
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
      const { principal } = request;
      const door = { door: doorOf(request.operation) };
      void runCall(
        {
          requestId: request.requestId ?? ids.next('req'),
          trace,
          door,
          body,
          principal,
          payee: request.payee ?? {},
          headers: {},
          lifetime,
          sink,
          ...(request.via === undefined ? {} : { via: request.via }),
          // The lines of a batch were written by a client.
          isInternal: request.payee?.batch !== true,
        },
        tools,
      )
        .catch(reject)
        .finally(() => {
          request.signal.removeEventListener('abort', cancel);
          active.leave(lifetime);
        });
    });

  const close = async (graceMs: number): Promise<void> => {
    mirrors.close();
    await active.close(clock, graceMs);
  };
  const overload = (): ReturnType<Gateway['overload']> => ({ waiting: turns.waiting, refused: turns.refused });
  return { handle, invoke, active: () => active.size, overload, close };
}

interface Asked {
  readonly path: string;
  readonly door: OpenDoor | undefined;
}

/** The body of an upload is read while it is passed on. */
const NO_BODY = Buffer.alloc(0);

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly sink: ClientSink;
  readonly requestId: string;
  readonly trace: { readonly traceId: string; readonly parentSpanId: string | null };
}

/** Whose errors a client expects where there is no door. */
const shapeOfPath = (path: string): ErrorShape => (path.startsWith('/v1/messages') ? 'anthropic' : path.startsWith('/v1beta') ? 'google' : 'openai');

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

/** Google streams a JSON array where no events were asked for. */
const wantsArray = (door: OpenDoor, url = ''): boolean => door.door.format === 'gemini' && door.path?.stream === true && !/[?&]alt=sse(?:&|$)/.test(url);

/** How engines that were asked without the id of a previous response answer. */
const UNKNOWN_PREVIOUS = '"previous_response_id":null';

/** How long the rest of a refused body is taken off the wire. */
const DRAIN_MS = 2000;

/**
 * A client reads its answer only after it has sent its body: the rest is thrown away for a while, because closing at once would lose the
 * answer on the way.
 */
function drainUnreadBody(request: IncomingMessage, clock: Clock): void {
  if (request.destroyed) return;
  const timer = clock.schedule(DRAIN_MS, () => request.destroy());
  request.once('close', () => timer.cancel());
  request.resume();
}
