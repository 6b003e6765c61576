import { isPlatformError, PlatformError, toPlatformError } from '@maru/api/errors';
import type { EngineReply } from '#engines';
import type { Clock, Ids } from '#time';
import { askEngine } from './ask-engine.ts';
import type { AdmittedCall, AttemptResult, RanAttempt } from './call.ts';
import type { AttemptTime, AttemptTimes } from './lifetime.ts';
import type { Attempt } from './ports.ts';
import { refusalCode } from './read-refusal.ts';
import { relayAnswer } from './relay-answer.ts';
import { collectBody } from './relay-json.ts';
import type { Translation } from './translation.ts';

const MAX_REFUSAL_BYTES = 1024 * 1024;
/** Refusals that another engine may not share. */
const RETRYABLE = new Set([401, 402, 403, 404, 408, 409, 425, 429]);

export interface AttemptTools {
  readonly clock: Clock;
  readonly ids: Ids;
  /** Given the way to abort the attempt. */
  readonly onBegin?: (abort: (reason: PlatformError) => void) => void;
  /** The first token of a stream is passed on. */
  readonly onShown?: (() => void) | undefined;
}

/** Asks one engine. Never throws: every end is a result. */
export async function runAttempt(call: AdmittedCall, attempt: Attempt, tools: AttemptTools): Promise<RanAttempt> {
  const { clock, ids } = tools;
  const spanId = ids.spanId();
  const startMs = clock.nowMs();
  const beganMs = clock.monotonicMs();
  const time = call.lifetime.begin({ ...timesOf(call, attempt), onShown: tools.onShown });
  tools.onBegin?.((reason) => time.abort(reason));
  const elapsedMs = (): number => clock.monotonicMs() - beganMs;
  let result: AttemptResult;
  try {
    const { reply, translation, warnings } = await askEngine(call, attempt, { time, spanId });
    if (reply.status < 200 || reply.status >= 300) result = await refused(attempt, reply, { time, translation });
    else result = await relayAnswer({ call, attempt, reply, translation, warnings, spanId, time, elapsedMs });
  } catch (thrown) {
    const reason: unknown = time.reason ?? thrown;
    const error = isPlatformError(reason) ? reason : toPlatformError(reason);
    result = {
      kind: 'failed',
      failure: { attempt, error },
      retryable: (error.code.startsWith('upstream_') || error.code === 'no_endpoint') && call.request.upload?.spent !== true,
    };
  } finally {
    time.end();
  }
  return { attempt, spanId, startMs, result: withoutSecrets(result, attempt) };
}

/** An engine may repeat the key of the platform where it says what went wrong, also in the middle of a stream. */
function withoutSecrets(result: AttemptResult, { engine }: Attempt): AttemptResult {
  if (result.kind === 'answered' || engine.clean === undefined) return result;
  const { code, message, details, cause, headers, retryAfterS } = result.failure.error;
  const said = JSON.stringify([message, details]);
  const clean = engine.clean(said);
  if (clean === said) return result;
  const [words, kept] = JSON.parse(clean) as [string, Readonly<Record<string, unknown>>];
  const error = new PlatformError(code, { message: words, details: kept, cause, headers, ...(retryAfterS === undefined ? {} : { retryAfterS }) });
  return { ...result, failure: { ...result.failure, error } };
}

/** A stream may have a shorter time to its first token than a whole answer to its end. */
function timesOf({ request }: AdmittedCall, { timeoutMs, firstTokenMs, stallMs, attemptMs }: Attempt): AttemptTimes {
  const limits = [attemptMs, request.stream ? firstTokenMs : undefined].filter((limit) => limit !== undefined);
  return { timeoutMs, stallMs, attemptMs: limits.length === 0 ? undefined : Math.min(...limits) };
}

interface RefusedOptions {
  readonly time: AttemptTime;
  readonly translation: Translation | undefined;
}

async function refused(attempt: Attempt, reply: EngineReply, { time, translation }: RefusedOptions): Promise<AttemptResult> {
  const { status } = reply;
  const body = await collectBody(reply, time, MAX_REFUSAL_BYTES);
  const code = refusalCode(status, body);
  const retryable = status >= 500 || RETRYABLE.has(status) || code !== 'upstream_rejected';
  const error = new PlatformError(code, {
    message: `${attempt.engine.endpoint} answered with status ${status}`,
    details: { endpoint: attempt.engine.endpoint, upstreamStatus: status },
    ...retryAfter(reply.headers['retry-after']),
  });
  return { kind: 'failed', failure: { attempt, status, error }, retryable, refusal: { status, headers: reply.headers, body, translation } };
}

/** Seconds, as the upstream says; the other form of the header, a date, is left to the client. */
const retryAfter = (header: string | undefined): { retryAfterS?: number } =>
  header !== undefined && /^\d{1,6}$/.test(header) ? { retryAfterS: Number(header) } : {};
