import type { Clock, Ids } from '#time';
import { checkNamed, findTarget, onlyTarget } from './admit-call.ts';
import type { Call } from './call.ts';
import type { ClientSink } from './client-sink.ts';
import type { OpenDoor } from './door.ts';
import type { Draft } from './draft.ts';
import type { Lifetime } from './lifetime.ts';
import { parseRequest, parseUpload } from './parse-request.ts';
import type { Catalogue, Payee, Principal, RequestFacts } from './ports.ts';
import { readServiceLevel } from './read-service-level.ts';
import type { TraceContext } from './trace-context.ts';
import type { Upload } from './upload/upload.ts';

/** A request whose sender is known and whose body has been read. */
export interface Incoming {
  readonly requestId: string;
  readonly trace: TraceContext;
  readonly door: OpenDoor;
  /** The whole body, or one that is still on its way. */
  readonly body: Buffer | Upload;
  readonly principal: Principal;
  readonly payee: Payee;
  /** Lower-case names, without credentials. */
  readonly headers: Readonly<Record<string, string>>;
  readonly lifetime: Lifetime;
  readonly sink: ClientSink;
  /** Of the request, as it came; absent for calls from inside the process. */
  readonly url?: string;
  readonly onComplete?: (last: Buffer) => Promise<void>;
  readonly via?: Call['via'];
  /** The name of the model comes from a resource of the platform, not from a client. */
  readonly isInternal?: boolean;
}

export interface OpenCallTools {
  readonly catalogue: Catalogue;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly keepsContent: boolean;
}

/** The same call with another body. */
export const reopenCall = (call: Call, incoming: Incoming, tools: OpenCallTools): Call => ({
  ...openCall(incoming, tools),
  spanId: call.spanId,
  startMs: call.startMs,
  dropsParams: call.dropsParams,
});

/**
 * Reads the body and finds the target. Throws what {@link parseRequest}, {@link readServiceLevel}, {@link findTarget} and
 * {@link checkNamed} throw.
 */
export function openCall(incoming: Incoming, tools: OpenCallTools): Call {
  const startMs = tools.clock.nowMs();
  const { door, path } = incoming.door;
  const request = Buffer.isBuffer(incoming.body) ? parseRequest(door, incoming.body, path) : parseUpload(door, incoming.body);
  const target =
    request.model === '' ? onlyTarget(tools.catalogue, incoming.principal, door.operation) : findTarget(tools.catalogue, incoming.principal, request.model);
  checkNamed(target, incoming.isInternal === true);
  const user = incoming.payee.user ?? request.user ?? incoming.principal.user;
  const payee: Payee = user === undefined || user === incoming.payee.user ? incoming.payee : { ...incoming.payee, user };
  const { requestId, principal, headers } = incoming;
  const { traceId, parentSpanId } = incoming.trace;
  const facts: Draft<RequestFacts> = {
    requestId,
    traceId,
    operation: door.operation,
    target,
    principal,
    stream: request.stream,
    promptTokens: request.promptTokens,
    maxTokens: request.maxTokens,
    tools: request.tools,
    images: request.images,
    headers,
    promptBytes: request.promptBytes,
    body: request.bytes,
    value: request.value,
  };
  if (door.format !== undefined) facts.format = door.format;
  if (payee.session !== undefined) facts.session = payee.session;
  if (payee.agent !== undefined) facts.agent = payee.agent;
  const { slo, priority } = readServiceLevel(headers);
  if (slo !== undefined) facts.slo = slo;
  if (priority !== undefined) facts.priority = priority;
  if (incoming.url !== undefined) splitUrl(incoming.url, facts);
  const call: Draft<Call> = {
    requestId,
    traceId,
    spanId: tools.ids.spanId(),
    parentSpanId,
    startMs,
    operation: door.operation,
    door,
    request,
    target,
    principal,
    payee,
    facts,
    lifetime: incoming.lifetime,
    sink: incoming.sink,
    dropsParams: request.dropsParams || headers['x-maru-drop-params'] === 'true',
    keepsContent: tools.keepsContent,
  };
  if (incoming.onComplete !== undefined) call.onComplete = incoming.onComplete;
  if (incoming.via !== undefined) call.via = incoming.via;
  return call;
}

function splitUrl(url: string, facts: Draft<RequestFacts>): void {
  const mark = url.indexOf('?');
  facts.path = mark < 0 ? url : url.slice(0, mark);
  if (mark < 0) return;
  const query = url.slice(mark + 1);
  // Google's clients may send their key here; it is nobody's business further on.
  facts.query = /(?:^|&)key=/.test(query) ? query.replaceAll(/(^|&)key=[^&]*/g, '$1key=') : query;
}
