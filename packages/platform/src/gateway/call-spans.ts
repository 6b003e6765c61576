import type { PlatformError } from '@maru/api/errors';
import type { Span } from '@maru/api/records';
import type { AdmittedCall, AttemptResult, Call, RanAttempt } from './call.ts';
import { captureContent } from './captured-content.ts';
import type { Draft } from './draft.ts';

interface SpanParts extends Pick<Span, 'spanId' | 'parentSpanId' | 'name' | 'kind' | 'startMs' | 'endMs' | 'model' | 'attributes'> {
  readonly call: Call;
  readonly error?: PlatformError | undefined;
}

/** A span of a call: what all of them say, and the own parts of one. */
export function callSpan({ call, error, spanId, parentSpanId, name, kind, startMs, endMs, model, attributes }: SpanParts): Draft<Span> {
  const { session, user } = call.payee;
  const failed = error !== undefined && error.code !== 'deferred';
  const span: Draft<Span> = {
    traceId: call.traceId,
    tenant: call.principal.tenant,
    spanId,
    parentSpanId,
    name,
    kind,
    startMs,
    endMs,
    status: failed ? 'error' : 'ok',
    attributes,
  };
  if (model !== undefined) span.model = model;
  if (session !== undefined) span.session = session;
  if (user !== undefined) span.user = user;
  if (failed) span.statusMessage = `${error.code}: ${error.message}`;
  return span;
}

/** The whole request. Usage and money stand in the engine's span, so that sums over a trace count them once. */
export function gatewaySpan(options: {
  readonly call: Call;
  readonly endMs: number;
  readonly error: PlatformError | undefined;
  readonly attempts: number;
  readonly httpStatus: number;
  readonly last: AttemptResult | undefined;
  /** Engines that have gone on with an answer that broke off. */
  readonly continuations: number;
}): Span {
  const { call, error } = options;
  const attributes: Record<string, unknown> = {
    requestId: call.requestId,
    operation: call.operation,
    stream: call.request.stream,
    keyId: call.principal.keyId,
    attempts: options.attempts,
    httpStatus: options.httpStatus,
  };
  if (options.continuations > 0) attributes['continuations'] = options.continuations;
  if (call.payee.agent !== undefined) attributes['agent'] = call.payee.agent;
  if (error !== undefined) attributes['errorCode'] = error.code;
  const span = callSpan({
    call,
    error,
    spanId: call.spanId,
    parentSpanId: call.parentSpanId,
    name: `${call.operation} ${call.target.name}`,
    kind: 'gateway',
    startMs: call.startMs,
    endMs: options.endMs,
    model: call.target.name,
    attributes,
  });
  return call.keepsContent ? Object.assign(span, captureContent(call, options.last)) : span;
}

/** The decision where the request goes. */
export function routeSpan(options: { readonly call: Call; readonly spanId: string; readonly startMs: number; readonly ran: RanAttempt }): Span {
  const { call, ran } = options;
  const { attempt } = ran;
  const { decision } = attempt;
  const attributes: Record<string, unknown> = {
    reason: attempt.reason,
    endpoint: attempt.engine.endpoint,
    promptTokens: call.request.promptTokens,
  };
  if (attempt.routeAttributes !== undefined) Object.assign(attributes, attempt.routeAttributes);
  if (decision !== undefined) {
    if (decision.prefill !== undefined) attributes['prefill'] = decision.prefill.reason;
    attributes['decisionId'] = decision.id;
    attributes['policy'] = decision.policy;
    attributes['candidates'] = decision.candidateCount;
    attributes['expectedCachedTokens'] = decision.expectedCachedTokens;
    if (decision.queuedMs !== undefined) attributes['queuedMs'] = decision.queuedMs;
  }
  return callSpan({
    call,
    spanId: options.spanId,
    parentSpanId: call.spanId,
    name: `route ${call.target.name}`,
    kind: 'route',
    startMs: options.startMs,
    endMs: Math.max(options.startMs, ran.startMs),
    model: attempt.model,
    attributes,
  });
}

/** One engine call. */
export function engineSpan(options: {
  readonly call: AdmittedCall;
  readonly endMs: number;
  readonly ran: RanAttempt;
  readonly charged: { readonly costNanoUsd: number | null } | undefined;
}): Span {
  const { call, ran, charged } = options;
  const { attempt, result } = ran;
  const { engine } = attempt;
  const kind = attempt.kind ?? 'engine';
  const attributes: Record<string, unknown> = {
    requestId: call.requestId,
    endpoint: engine.endpoint,
    provider: engine.provider,
    servedName: engine.servedName,
    simulated: engine.simulated,
  };
  if (call.continuation?.begun !== undefined) attributes['continues'] = true;
  if (result.kind !== 'failed') {
    attributes['usageEstimated'] = result.estimated;
    if (result.ttftMs !== undefined) attributes['ttftMs'] = result.ttftMs;
  }
  if (result.kind !== 'answered' && result.failure.status !== undefined) attributes['upstreamStatus'] = result.failure.status;
  const span = callSpan({
    call,
    error: result.kind === 'answered' ? undefined : result.failure.error,
    spanId: ran.spanId,
    parentSpanId: call.spanId,
    name: `${kind} ${engine.endpoint}`,
    kind,
    startMs: ran.startMs,
    endMs: options.endMs,
    model: attempt.model,
    attributes,
  });
  if (result.kind !== 'failed') span.usage = result.usage;
  if (charged !== undefined) span.costNanoUsd = charged.costNanoUsd;
  return call.keepsContent ? Object.assign(span, captureContent(call, result)) : span;
}

/** What other endpoints have done for an attempt, inside its span. Their usage is not charged, so it stands in no usage of a span. */
export function legSpans({ call, ran, newId }: { readonly call: AdmittedCall; readonly ran: RanAttempt; readonly newId: () => string }): readonly Span[] {
  const { attempt } = ran;
  if (attempt.legs === undefined) return NO_SPANS;
  return attempt.legs().map(({ name, endpoint, startMs, endMs, error, attributes }) =>
    callSpan({
      call,
      error,
      spanId: newId(),
      parentSpanId: ran.spanId,
      name: `${name} ${endpoint}`,
      kind: 'engine',
      startMs,
      endMs,
      model: attempt.model,
      attributes: { requestId: call.requestId, endpoint, leg: name, ...attributes },
    }),
  );
}

const NO_SPANS: readonly Span[] = Object.freeze([]);
