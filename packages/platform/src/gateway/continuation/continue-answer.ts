import { isPlatformError } from '@maru/api/errors';
import { completionTokens } from '@maru/api/records';
import { admitCall } from '../admit-call.ts';
import type { AdmittedCall, RanAttempt } from '../call.ts';
import type { ClientSink } from '../client-sink.ts';
import type { Admission, Attempt, AttemptFailure, Plan, Reservation } from '../ports.ts';
import { type Charged, settleCall } from '../settle-call.ts';
import type { BegunAnswer } from './begun-answer.ts';
import { beginRequest } from './begun-request.ts';
import { givenOf } from './given.ts';

/** Ways of a plan that are looked at for an engine that can go on. */
const MAX_WAYS = 16;

export interface ContinueTools {
  readonly plan: Plan;
  readonly admission: Admission;
  /** The same call with another body. */
  readonly reopen: (body: Buffer) => AdmittedCall;
  readonly run: (call: AdmittedCall, attempt: Attempt) => Promise<RanAttempt>;
  /** Told about every attempt but the one that is returned unreported. */
  readonly report: (ended: EndedAttempt) => void;
}

/** An attempt that was settled. */
export interface EndedAttempt {
  readonly call: AdmittedCall;
  readonly ran: RanAttempt;
  readonly charged: Charged;
}

/** How an answer ended, after all that went on with it. */
export interface Continued extends EndedAttempt {
  readonly continuations: number;
  readonly reported: boolean;
  /** The last attempt with what all of them have said, where answers are kept. */
  readonly whole: RanAttempt;
}

/**
 * Asks engines that can to go on with an answer that broke off, after what was made of it has been charged. Each further engine is
 * admitted and charged by itself, for its own tokens. Returns the broken attempt where none can: the client is told its error.
 */
export async function continueAnswer(first: EndedAttempt, tools: ContinueTools): Promise<Continued> {
  let end: Continued = { ...first, continuations: 0, reported: false, whole: first.ran };
  let failure: AttemptFailure | undefined;
  for (let left = tools.plan.continuation?.attempts ?? 0; left > 0; left -= 1) {
    const { result } = end.ran;
    if (result.kind !== 'broken' || result.begun?.canGoOn !== true || first.call.lifetime.reason !== undefined) break;
    if (!end.reported) {
      result.begun.brokeOff(result.usage);
      tools.report(end);
      end = { ...end, reported: true };
      failure = result.failure;
    }
    const next = await askNext(first.call, { begun: result.begun, failure, tools });
    if (next === undefined) break;
    if (next.ran.result.kind !== 'failed') end = { ...next, continuations: end.continuations + 1, reported: false, whole: joined(end.whole, next.ran) };
    else {
      tools.report(next);
      if (!next.ran.result.retryable) break;
      failure = next.ran.result.failure;
    }
  }
  return end;
}

function joined(before: RanAttempt, { result, ...ran }: RanAttempt): RanAttempt {
  if (result.kind === 'failed' || before.result.kind === 'failed') return { ...ran, result };
  const content = result.content === undefined ? undefined : Buffer.concat([before.result.content ?? Buffer.alloc(0), result.content]);
  return { ...ran, result: { ...result, content } };
}

interface Asking {
  readonly begun: BegunAnswer;
  readonly failure: AttemptFailure | undefined;
  readonly tools: ContinueTools;
}

/** Undefined where there is no engine, no room in the limits, or nothing left to say. */
async function askNext(call: AdmittedCall, { begun, failure, tools }: Asking): Promise<EndedAttempt | undefined> {
  const attempt = await expected(() => nextThatCan(call, { plan: tools.plan, failure }));
  if (attempt === undefined) return undefined;
  const body = beginRequest(call, { given: givenOf(begun, attempt.engine), usedTokens: completionTokens(begun.usage) });
  if (body === undefined) return undefined;
  const { request, facts } = tools.reopen(body);
  const reservation = await expected<Reservation>(() => admitCall({ ...call, request, facts }, tools));
  if (reservation === undefined) return undefined;
  const own: AdmittedCall = { ...call, request, facts, reservation, sink: startedSink(call.sink), continuation: { begun } };
  const ran = await tools.run(own, attempt);
  try {
    return { call: own, ran, charged: await settleCall(tools.admission, own, ran) };
  } catch (thrown) {
    await tools.admission.release(reservation);
    throw thrown;
  }
}

async function nextThatCan(
  call: AdmittedCall,
  { plan, failure }: { readonly plan: Plan; readonly failure: AttemptFailure | undefined },
): Promise<Attempt | undefined> {
  let known = failure;
  for (let ways = 0; ways < MAX_WAYS; ways += 1) {
    const attempt = await plan.next(known);
    if (attempt === undefined) return undefined;
    if (attempt.engine.continues !== undefined) {
      if (attempt.delayMs !== undefined && attempt.delayMs > 0) await call.lifetime.sleep(attempt.delayMs);
      return call.lifetime.reason === undefined ? attempt : undefined;
    }
    if (known !== undefined) known = { ...known, attempt };
  }
  return undefined;
}

/** What may go wrong here is no news for the client: it is told why its answer broke off. */
async function expected<T>(work: () => T | undefined | Promise<T | undefined>): Promise<T | undefined> {
  try {
    return await work();
  } catch (thrown) {
    if (isPlatformError(thrown)) return undefined;
    throw thrown;
  }
}

/** The sink of an answer whose status is sent already. */
const startedSink = (sink: ClientSink): ClientSink => ({
  hasStarted: () => sink.hasStarted(),
  carriesEvents: () => sink.carriesEvents(),
  start: () => undefined,
  write: (chunk) => sink.write(chunk),
  onDrain: (callback) => sink.onDrain(callback),
  end: (chunk) => sink.end(chunk),
  cut: (error) => sink.cut(error),
});
