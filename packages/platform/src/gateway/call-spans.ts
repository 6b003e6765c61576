import type { PlatformError } from '@maru/api/errors';
import type { Span, Usage } from '@maru/api/records';
import type { AdmittedCall, AttemptResult, Call, RanAttempt } from './call.ts';
import { captureContent } from './captured-content.ts';

interface SpanBase {
  readonly call: Call;
  readonly endMs: number;
}

/** What every span of a call says. */
export const spanBase = (call: Call): Pick<Span, 'traceId' | 'tenant' | 'session' | 'user'> => ({
  traceId: call.traceId,
  tenant: call.principal.tenant,
  ...(call.payee.session === undefined ? {} : { session: call.payee.session }),
  ...(call.payee.user === undefined ? {} : { user: call.payee.user }),
});

const statusOf = (error: PlatformError | undefined): Pick<Span, 'status' | 'statusMessage'> =>
  error === undefined || error.code === 'deferred' ? { status: 'ok' } : { status: 'error', statusMessage: `${error.code}: ${error.message}` };

/** The whole request. Usage and money stand in the engine's span, so that sums over a trace count them once. */
export function gatewaySpan(
  options: SpanBase & {
    readonly error: PlatformError | undefined;
    readonly attempts: number;
    readonly httpStatus: number;
    readonly last: AttemptResult | undefined;
    /** Engines that have gone on with an answer that broke off. */
    readonly continuations: number;
  },
): Span {
  const { call, error } = options;
  return {
    ...spanBase(call),
    spanId: call.spanId,
    parentSpanId: call.parentSpanId,
    name: `${call.operation} ${call.target.name}`,
    kind: 'gateway',
    startMs: call.startMs,
    endMs: options.endMs,
    ...statusOf(error),
    model: call.target.name,
    ...(call.keepsContent ? captureContent(call, options.last) : {}),
    attributes: {
      requestId: call.requestId,
      operation: call.operation,
      stream: call.request.stream,
      keyId: call.principal.keyId,
      attempts: options.attempts,
      httpStatus: options.httpStatus,
      ...(options.continuations === 0 ? {} : { continuations: options.continuations }),
      ...(call.payee.agent === undefined ? {} : { agent: call.payee.agent }),
      ...(error === undefined ? {} : { errorCode: error.code }),
    },
  };
}

/** The decision where the request goes. */
export function routeSpan(options: { readonly call: Call; readonly spanId: string; readonly startMs: number; readonly ran: RanAttempt }): Span {
  const { call, ran } = options;
  const { decision } = ran.attempt;
  return {
    ...spanBase(call),
    spanId: options.spanId,
    parentSpanId: call.spanId,
    name: `route ${call.target.name}`,
    kind: 'route',
    startMs: options.startMs,
    endMs: Math.max(options.startMs, ran.startMs),
    status: 'ok',
    model: ran.attempt.model,
    attributes: {
      reason: ran.attempt.reason,
      endpoint: ran.attempt.engine.endpoint,
      promptTokens: call.request.promptTokens,
      ...ran.attempt.routeAttributes,
      ...(decision === undefined
        ? {}
        : {
            ...(decision.prefill === undefined ? {} : { prefill: decision.prefill.reason }),
            decisionId: decision.id,
            policy: decision.policy,
            candidates: decision.candidateCount,
            expectedCachedTokens: decision.expectedCachedTokens,
            ...(decision.queuedMs === undefined ? {} : { queuedMs: decision.queuedMs }),
          }),
    },
  };
}

/** One engine call. */
export function engineSpan(
  options: SpanBase & { readonly call: AdmittedCall; readonly ran: RanAttempt; readonly charged: { readonly costNanoUsd: number | null } | undefined },
): Span {
  const { call, ran, charged } = options;
  const { attempt, result } = ran;
  const usage: Usage | undefined = result.kind === 'failed' ? undefined : result.usage;
  return {
    ...spanBase(call),
    spanId: ran.spanId,
    parentSpanId: call.spanId,
    name: `${attempt.kind ?? 'engine'} ${attempt.engine.endpoint}`,
    kind: attempt.kind ?? 'engine',
    startMs: ran.startMs,
    endMs: options.endMs,
    ...statusOf(result.kind === 'answered' ? undefined : result.failure.error),
    model: attempt.model,
    ...(usage === undefined ? {} : { usage }),
    ...(charged === undefined ? {} : { costNanoUsd: charged.costNanoUsd }),
    ...(call.keepsContent ? captureContent(call, result) : {}),
    attributes: {
      requestId: call.requestId,
      endpoint: attempt.engine.endpoint,
      provider: attempt.engine.provider,
      servedName: attempt.engine.servedName,
      simulated: attempt.engine.simulated,
      ...(call.continuation?.begun === undefined ? {} : { continues: true }),
      ...(result.kind === 'failed' ? {} : { usageEstimated: result.estimated }),
      ...(result.kind === 'failed' || result.ttftMs === undefined ? {} : { ttftMs: result.ttftMs }),
      ...(result.kind !== 'answered' && result.failure.status !== undefined ? { upstreamStatus: result.failure.status } : {}),
    },
  };
}

/** What other endpoints have done for an attempt, inside its span. Their usage is not charged, so it stands in no usage of a span. */
export function legSpans({ call, ran, newId }: { readonly call: AdmittedCall; readonly ran: RanAttempt; readonly newId: () => string }): readonly Span[] {
  const { attempt } = ran;
  return (attempt.legs?.() ?? []).map(({ name, endpoint, startMs, endMs, error, attributes }) => ({
    ...spanBase(call),
    spanId: newId(),
    parentSpanId: ran.spanId,
    name: `${name} ${endpoint}`,
    kind: 'engine',
    startMs,
    endMs,
    ...statusOf(error),
    model: attempt.model,
    attributes: { requestId: call.requestId, endpoint, leg: name, ...attributes },
  }));
}
