import type { PlatformError } from '@maru/api/errors';
import type { Span } from '@maru/api/records';
import type { Log } from '#telemetry';
import type { Clock, Ids } from '#time';
import { admitCall } from './admit-call.ts';
import { costHeader } from './answer-headers.ts';
import { askCache, type CachedCall } from './cache-call.ts';
import type { AdmittedCall, Call, RanAttempt } from './call.ts';
import { engineSpan, gatewaySpan, legSpans, routeSpan } from './call-spans.ts';
import { type ContinueTools, continueAnswer, type EndedAttempt } from './continuation/continue-answer.ts';
import { allowContinuation } from './continuation/may-continue.ts';
import { type GuardedCall, guardCall } from './guard-call.ts';
import type { MirrorCalls } from './mirror-calls.ts';
import { type Incoming, type OpenCallTools, openCall, reopenCall } from './open-call.ts';
import type { Attempt, GatewayPorts } from './ports.ts';
import { runAttempt } from './run-attempt.ts';
import { type RunOne, runHedged } from './run-hedged.ts';
import { sendFailure, sendRefusal } from './send-failure.ts';
import { type Charged, settleCall } from './settle-call.ts';
import { type Extras, takeExtras } from './take-extras.ts';
import { tryAttempts } from './try-attempts.ts';

export interface CallTools {
  readonly ports: GatewayPorts;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  readonly keepsContent: boolean;
  readonly mirrors: MirrorCalls;
}

/** Walks a request through admission, routing, dispatch and metering. Never throws: the client is told, and everything is given back. */
export async function runCall(incoming: Incoming, tools: CallTools): Promise<void> {
  const { ports } = tools;
  const opening: OpenCallTools = { catalogue: ports.catalogue, clock: tools.clock, ids: tools.ids, keepsContent: tools.keepsContent };
  let call: Call;
  let extras: Extras;
  try {
    call = openCall(incoming, opening);
    extras = takeExtras(call.request);
    if (extras.bytes !== undefined) call = reopenCall(call, { ...incoming, body: extras.bytes }, opening);
  } catch (thrown) {
    tellFailure(incoming, thrown);
    return;
  }
  let error: PlatformError | undefined;
  const counter: Counter = { attempts: 0, continuations: 0, httpStatus: 200, last: undefined, recorded: false };
  try {
    const asked = admitCall(call, ports);
    const reservation = asked instanceof Promise ? await asked : asked;
    const admitted: AdmittedCall = { ...call, reservation };
    const reopen = (body: Buffer): AdmittedCall => ({ ...reopenCall(admitted, { ...incoming, body }, opening), reservation });
    error = await runAdmitted(admitted, tools, { extras, reopen, counter });
  } catch (thrown) {
    error = tellFailure(incoming, thrown);
    counter.httpStatus = error.status;
  }
  if (!counter.recorded) ports.tracer.record(spanOfCall(call, { error, counter, endMs: tools.clock.nowMs() }));
  logCall(tools.log, call, { error, attempts: counter.attempts });
}

const tellFailure = ({ sink, door, requestId, trace }: Incoming, thrown: unknown): PlatformError =>
  sendFailure(sink, thrown, { shape: door.door.errors, headers: { 'x-request-id': requestId, 'x-maru-trace-id': trace.traceId } });

interface Counter {
  attempts: number;
  continuations: number;
  httpStatus: number;
  last: RanAttempt | undefined;
  /** The span of the whole call is written. */
  recorded: boolean;
}

const spanOfCall = (call: Call, { error, counter, endMs }: { error: PlatformError | undefined; counter: Counter; endMs: number }): Span =>
  gatewaySpan({
    call,
    endMs,
    error,
    attempts: counter.attempts,
    continuations: counter.continuations,
    httpStatus: counter.httpStatus,
    last: counter.last?.result,
  });

/** What one call has beside its tools. */
interface Own {
  readonly extras: Extras;
  readonly reopen: (body: Buffer) => AdmittedCall;
  readonly counter: Counter;
}

/** Returns what went wrong, after the client has been told; throws only while the client has seen nothing. */
async function runAdmitted(given: AdmittedCall, tools: CallTools, { extras, reopen, counter }: Own): Promise<PlatformError | undefined> {
  const { ports, clock, ids } = tools;
  let ran: RanAttempt | undefined;
  let settled = false;
  let guarded: GuardedCall | undefined;
  let cached: CachedCall | undefined;
  try {
    const guarding = guardCall(given, { field: extras.guardrails, reopen }, tools);
    guarded = guarding instanceof Promise ? await guarding : guarding;
    const checked = guarded?.call ?? given;
    const asking = askCache(checked, extras.cache, tools);
    cached = asking instanceof Promise ? await asking : asking;
    if (cached?.replay !== undefined) {
      await cached.replay(() => {
        settled = true;
      });
      return await guarded?.settled();
    }
    const routeStartMs = clock.nowMs();
    const own = cached?.call ?? checked;
    const planning = ports.placement.plan(own.facts, extras.wishes);
    const plan = planning instanceof Promise ? await planning : planning;
    const call = plan.continuation === undefined ? own : await allowContinuation(own, plan);
    if (plan.mirror !== undefined && call.via === undefined) tools.mirrors.start(call, plan.mirror);
    if (plan.deadlineMs !== undefined) call.lifetime.setDeadline(plan.deadlineMs);
    let { hedge } = plan;
    const onLoser = (loser: RanAttempt): void => {
      counter.attempts += 1;
      report(tools, { call, ran: loser, charged: undefined });
    };
    const shown =
      (each: Attempt): (() => void) =>
      () =>
        ports.placement.shown?.(each);
    const run = async (attempt: Attempt): Promise<RanAttempt> => {
      counter.attempts += 1;
      if (counter.attempts > 1 && ran !== undefined) report(tools, { call, ran, charged: undefined });
      const hedged = hedge;
      hedge = undefined;
      if (hedged === undefined) ran = await runAttempt(call, attempt, { clock, ids, onShown: shown(attempt) });
      else {
        const runOne: RunOne = (own, each, onBegin) => runAttempt(own, each, { clock, ids, onBegin, onShown: shown(each) });
        ran = await runHedged(call, attempt, { hedge: hedged, clock, runOne, onLoser });
      }
      return ran;
    };
    const runFurther: ContinueTools['run'] = (own, attempt) => {
      counter.attempts += 1;
      return runAttempt(own, attempt, { clock, ids, onShown: shown(attempt) });
    };
    const { via } = call;
    const tried = await tryAttempts(call, plan, via === undefined ? run : (attempt) => run(via(attempt)));
    const settling = settleCall(ports.admission, call, tried);
    const paid = settling instanceof Promise ? await settling : settling;
    settled = true;
    const first: EndedAttempt = { call, ran: tried, charged: paid };
    const ended =
      plan.continuation === undefined || tried.result.kind !== 'broken'
        ? undefined
        : await continueAnswer(first, { plan, admission: ports.admission, reopen, run: runFurther, report: (each) => report(tools, each) });
    const { ran: last, charged } = ended ?? first;
    counter.last = ended === undefined ? last : ended.whole;
    counter.continuations = ended?.continuations ?? 0;
    const more = [routeSpan({ call, spanId: ids.spanId(), startMs: routeStartMs, ran: last })];
    // Where neither guardrails nor the keeping of the answer can fail it any more, the whole trace is one record.
    counter.recorded = last.result.kind === 'answered' && checked === given && call.onComplete === undefined;
    if (counter.recorded) more.push(spanOfCall(call, { error: undefined, counter, endMs: clock.nowMs() }));
    if (ended?.reported === true) ports.tracer.record(...more);
    else report(tools, { call: ended?.call ?? call, ran: last, charged, more });
    if (last.result.kind === 'answered') await call.onComplete?.(last.result.last);
    const failed = answer(call, last, { charged, counter, nowMs: clock.nowMs() });
    const refused = guarded === undefined ? undefined : await guarded.settled();
    if (failed === undefined && refused === undefined && counter.continuations === 0) cached?.keep(last, charged);
    return failed ?? refused;
  } catch (thrown) {
    if (!settled) await ports.admission.release(given.reservation);
    throw given.lifetime.reason ?? thrown;
  } finally {
    cached?.leave();
    guarded?.close();
  }
}

interface Report {
  readonly call: AdmittedCall;
  readonly ran: RanAttempt;
  readonly charged: Charged;
  /** Beside the last attempt. */
  readonly more?: readonly Span[];
}

/** The span of an attempt, and what the router learns from it. */
function report(tools: CallTools, { call, ran, charged, more = [] }: Report): void {
  const endMs = tools.clock.nowMs();
  const { result } = ran;
  // Together, because each record is a write to the disk.
  tools.ports.tracer.record(engineSpan({ call, endMs, ran, charged }), ...legSpans({ call, ran, newId: () => tools.ids.spanId() }), ...more);
  // The engine was not asked.
  if (result.kind === 'failed' && result.failure.error.code === 'deferred') return;
  tools.ports.placement.observe({
    attempt: ran.attempt,
    outcome: result.kind === 'answered' ? 'ok' : result.failure.error.code === 'cancelled' ? 'cancelled' : 'error',
    usage: result.kind === 'failed' ? undefined : result.usage,
    ttftMs: result.kind === 'failed' ? undefined : result.ttftMs,
    durationMs: endMs - ran.startMs,
    ...(result.kind === 'answered' ? {} : { failure: result.failure }),
    ...(charged === undefined ? {} : { costNanoUsd: charged.costNanoUsd }),
  });
}

function answer(
  call: AdmittedCall,
  last: RanAttempt,
  options: { readonly charged: Charged; readonly counter: Counter; readonly nowMs: number },
): PlatformError | undefined {
  const { result } = last;
  const { counter } = options;
  if (result.kind === 'answered') {
    const costNanoUsd = options.charged?.costNanoUsd ?? null;
    const facts = { costNanoUsd, durationMs: options.nowMs - call.startMs, upstreamMs: options.nowMs - last.startMs };
    result.finish({ ...costHeader(costNanoUsd), ...last.attempt.finalHeaders?.(facts) });
    return undefined;
  }
  const { error } = result.failure;
  if (result.kind === 'failed' && result.refusal !== undefined) {
    counter.httpStatus = result.refusal.status;
    sendRefusal(call, last.attempt, result.refusal);
    return error;
  }
  if (result.kind === 'failed') throw error;
  return sendFailure(call.sink, error, { shape: call.door.errors, headers: {} });
}

function logCall(log: Log, call: Call, outcome: { readonly error: PlatformError | undefined; readonly attempts: number }): void {
  const { error } = outcome;
  const fields = { requestId: call.requestId, traceId: call.traceId, model: call.target.name, tenant: call.principal.tenant, attempts: outcome.attempts };
  // Successful requests stand in the trace; a line for each of them would cost more than the request.
  if (error === undefined) log.debug(fields, 'request answered');
  else log.info({ ...fields, code: error.code, cause: error.code === 'internal' ? String(error.cause) : undefined }, 'request failed');
}
