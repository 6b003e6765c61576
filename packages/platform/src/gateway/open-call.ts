import type { EngineOperation } from '#engines';
import type { Clock, Ids } from '#time';
import { findTarget } from './admit-call.ts';
import type { Call } from './call.ts';
import type { ClientSink } from './client-sink.ts';
import type { Lifetime } from './lifetime.ts';
import { parseRequest } from './parse-request.ts';
import type { Catalogue, Payee, Principal, RequestFacts } from './ports.ts';
import type { TraceContext } from './trace-context.ts';

/** A request whose sender is known and whose body has been read. */
export interface Incoming {
  readonly requestId: string;
  readonly trace: TraceContext;
  readonly operation: EngineOperation;
  readonly body: Buffer;
  readonly principal: Principal;
  readonly payee: Payee;
  /** Lower-case names, without credentials. */
  readonly headers: Readonly<Record<string, string>>;
  readonly lifetime: Lifetime;
  readonly sink: ClientSink;
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
});

/** Reads the body and finds the target. Throws what {@link parseRequest} and {@link findTarget} throw. */
export function openCall(incoming: Incoming, tools: OpenCallTools): Call {
  const startMs = tools.clock.nowMs();
  const request = parseRequest(incoming.operation, incoming.body);
  const target = findTarget(tools.catalogue, incoming.principal, request.model);
  const user = incoming.payee.user ?? request.user ?? incoming.principal.user;
  const payee: Payee = user === undefined || user === incoming.payee.user ? incoming.payee : { ...incoming.payee, user };
  const facts: RequestFacts = {
    requestId: incoming.requestId,
    traceId: incoming.trace.traceId,
    operation: incoming.operation,
    target,
    principal: incoming.principal,
    ...(payee.session === undefined ? {} : { session: payee.session }),
    stream: request.stream,
    promptTokens: request.promptTokens,
    maxTokens: request.maxTokens,
    tools: request.tools,
    images: request.images,
    headers: incoming.headers,
    promptBytes: request.promptBytes,
    body: request.bytes,
    value: request.value,
  };
  return {
    requestId: incoming.requestId,
    traceId: incoming.trace.traceId,
    spanId: tools.ids.spanId(),
    parentSpanId: incoming.trace.parentSpanId,
    startMs,
    operation: incoming.operation,
    request,
    target,
    principal: incoming.principal,
    payee,
    facts,
    lifetime: incoming.lifetime,
    sink: incoming.sink,
    keepsContent: tools.keepsContent,
  };
}
