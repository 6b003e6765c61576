import { PlatformError } from '@maru/api/errors';
import type { Span } from '@maru/api/records';
import { type GuardTurn, openGuards, type Rule } from '#guardrails';
import type { Clock, Ids } from '#time';
import type { AdmittedCall } from './call.ts';
import { spanBase } from './call-spans.ts';
import { type GuardedSink, guardSink } from './guarded-sink.ts';
import type { CallGuards, Tracer } from './ports.ts';
import { sendFailure } from './send-failure.ts';

export interface GuardCallTools {
  readonly ports: { readonly guardrails?: CallGuards; readonly tracer: Tracer };
  readonly clock: Clock;
  readonly ids: Ids;
  /** The same call with another body. */
  readonly reopen: (body: Buffer) => AdmittedCall;
}

/** A call whose prompt has passed its guardrails, and whose answer goes through them. */
export interface GuardedCall {
  readonly call: AdmittedCall;
  /** Resolves when the client has got all that it gets; with the refusal of a guardrail where there was one. */
  settled(): Promise<PlatformError | undefined>;
  /** Writes what was decided to the trace. */
  close(): void;
}

/** Checks the prompt by the guardrails of the tenant and the route. Throws `content_blocked`, `guardrail_failed`, or `invalid_request` for an unknown name. */
export async function guardCall(call: AdmittedCall, field: unknown, tools: GuardCallTools): Promise<GuardedCall> {
  const found = tools.ports.guardrails?.rulesOf(call.facts) ?? [];
  const rules = found instanceof Promise ? await found : found;
  const wanted = readNames(field);
  if (rules.length === 0 && wanted.length === 0) return { call, settled: () => Promise.resolve(undefined), close: () => undefined };
  const turn = openTurn(call, { rules, wanted, clock: tools.clock });
  if (turn === undefined) return { call, settled: () => Promise.resolve(undefined), close: () => undefined };

  const close = (): void => {
    for (const decision of turn.decisions) tools.ports.tracer.record(spanOf(call, decision, tools.ids.spanId()));
  };
  const time = call.lifetime.begin(undefined);
  let body: Buffer;
  try {
    body = await turn.before(call.request.bytes, time.signal);
  } catch (thrown) {
    close();
    throw thrown;
  } finally {
    time.end();
  }
  const checked = body === call.request.bytes ? call : tools.reopen(body);
  if (!turn.watchesAnswer()) return { call: checked, settled: () => Promise.resolve(undefined), close };
  return watch(checked, turn, close);
}

function watch(call: AdmittedCall, turn: GuardTurn, close: () => void): GuardedCall {
  const gone = new AbortController();
  const sink: GuardedSink = guardSink(call.sink, {
    turn,
    signal: gone.signal,
    refuse: (inner, error) =>
      void sendFailure(inner, error, { shape: call.door.errors, headers: { 'x-request-id': call.requestId, 'x-maru-trace-id': call.traceId } }),
    stop: (error) => call.lifetime.end(error),
  });
  const { onComplete } = call;
  // What is kept for later must have passed as well.
  const keep = onComplete === undefined ? {} : { onComplete: async (last: Buffer) => onComplete(await turn.final(last, gone.signal)) };
  return { call: { ...call, ...keep, sink }, settled: () => sink.settled(), close };
}

function openTurn(
  call: AdmittedCall,
  options: { readonly rules: readonly Rule[]; readonly wanted: readonly string[]; readonly clock: Clock },
): GuardTurn | undefined {
  const { requestId } = call;
  return openGuards(options.rules, { requestId, tenant: call.principal.tenant, model: call.target.name, wanted: options.wanted }, options.clock);
}

/** Names that a request asks for, as LiteLLM's clients send them. */
function readNames(field: unknown): readonly string[] {
  if (field === undefined || field === null) return [];
  if (Array.isArray(field) && field.length <= 32 && field.every((name) => typeof name === 'string')) return field;
  throw new PlatformError('invalid_request', { message: '"guardrails" must be a list of names', details: { param: 'guardrails' } });
}

function spanOf(call: AdmittedCall, decision: GuardTurn['decisions'][number], spanId: string): Span {
  const { guardrail, type, stage, result, found } = decision;
  const refuses = result === 'blocked' || result === 'failed-closed';
  return {
    ...spanBase(call),
    spanId,
    parentSpanId: call.spanId,
    name: `guardrail ${guardrail}`,
    kind: 'guardrail',
    startMs: decision.startMs,
    endMs: decision.endMs,
    status: refuses ? 'error' : 'ok',
    ...(refuses ? { statusMessage: `${result} ${stage} the call` } : {}),
    attributes: { requestId: call.requestId, guardrail, type, stage, result, found },
  };
}
