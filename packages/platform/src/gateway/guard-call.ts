import { PlatformError } from '@maru/api/errors';
import type { Span } from '@maru/api/records';
import { type GuardTurn, openGuards, type Rule } from '#guardrails';
import type { Clock, Ids } from '#time';
import type { AdmittedCall } from './call.ts';
import { callSpan } from './call-spans.ts';
import { type GuardedSink, guardSink } from './guarded-sink.ts';
import type { Awaitable, CallGuards, Tracer } from './ports.ts';
import { sendFailure } from './send-failure.ts';

export interface GuardCallTools {
  readonly ports: { readonly guardrails?: CallGuards; readonly tracer: Tracer };
  readonly clock: Clock;
  readonly ids: Ids;
}

/** What a call asks of its guardrails, and how it goes on. */
interface GuardWishes {
  /** Names, as the client sent them. */
  readonly field: unknown;
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

/**
 * Checks the prompt by the guardrails of the tenant and the route; undefined where there are none. Throws `content_blocked`,
 * `guardrail_failed`, or `invalid_request` for an unknown name.
 */
export function guardCall(call: AdmittedCall, { field, reopen }: GuardWishes, tools: GuardCallTools): Awaitable<GuardedCall | undefined> {
  const rules = tools.ports.guardrails?.rulesOf(call.facts) ?? NO_RULES;
  const wanted = readNames(field);
  if (rules instanceof Promise) return rules.then((found) => check(call, { rules: found, wanted, reopen }, tools));
  return rules.length === 0 && wanted.length === 0 ? undefined : check(call, { rules, wanted, reopen }, tools);
}

const NO_RULES: readonly Rule[] = Object.freeze([]);

interface Asked {
  readonly rules: readonly Rule[];
  readonly wanted: readonly string[];
  readonly reopen: GuardWishes['reopen'];
}

async function check(call: AdmittedCall, asked: Asked, tools: GuardCallTools): Promise<GuardedCall | undefined> {
  const turn = openTurn(call, asked, tools.clock);
  if (turn === undefined) return undefined;

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
  const checked = body === call.request.bytes ? call : asked.reopen(body);
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

function openTurn(call: AdmittedCall, { rules, wanted }: Asked, clock: Clock): GuardTurn | undefined {
  const { requestId } = call;
  return openGuards(rules, { requestId, tenant: call.principal.tenant, model: call.target.name, wanted }, clock);
}

const NO_NAMES: readonly string[] = Object.freeze([]);

/** Names that a request asks for, as LiteLLM's clients send them. */
function readNames(field: unknown): readonly string[] {
  if (field === undefined || field === null) return NO_NAMES;
  if (Array.isArray(field) && field.length <= 32 && field.every((name) => typeof name === 'string')) return field;
  throw new PlatformError('invalid_request', { message: '"guardrails" must be a list of names', details: { param: 'guardrails' } });
}

function spanOf(call: AdmittedCall, decision: GuardTurn['decisions'][number], spanId: string): Span {
  const { guardrail, type, stage, result, found } = decision;
  const span = callSpan({
    call,
    spanId,
    parentSpanId: call.spanId,
    name: `guardrail ${guardrail}`,
    kind: 'guardrail',
    startMs: decision.startMs,
    endMs: decision.endMs,
    attributes: { requestId: call.requestId, guardrail, type, stage, result, found },
  });
  if (result !== 'blocked' && result !== 'failed-closed') return span;
  return Object.assign(span, { status: 'error', statusMessage: `${result} ${stage} the call` });
}
