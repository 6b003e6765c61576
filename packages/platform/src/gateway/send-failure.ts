import { type PlatformError, toPlatformError } from '@maru/api/errors';
import { answerHeaders } from './answer-headers.ts';
import type { AdmittedCall, Refusal } from './call.ts';
import { errorBodyOf, errorEventOf } from './client-errors.ts';
import type { ClientSink } from './client-sink.ts';
import type { ErrorShape } from './door.ts';
import type { Attempt } from './ports.ts';
import type { Translation } from './translation.ts';

export interface FailureOptions {
  readonly shape: ErrorShape;
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * Tells the client about an error in the shape of its format: as an answer when nothing was sent yet, as an event in a stream, else by
 * breaking off. No end marker follows, so that a cut answer never looks complete. Internal messages stay inside.
 */
export function sendFailure(sink: ClientSink, thrown: unknown, { shape, headers }: FailureOptions): PlatformError {
  const error = toPlatformError(thrown);
  if (sink.hasStarted()) {
    if (sink.carriesEvents()) sink.end(Buffer.from(errorEventOf(shape, error)));
    else sink.cut(error);
    return error;
  }
  const body = Buffer.from(JSON.stringify(errorBodyOf(shape, error)));
  sink.start(error.status, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': String(body.length),
    ...(error.retryAfterS === undefined ? {} : { 'retry-after': String(Math.max(1, Math.ceil(error.retryAfterS))) }),
    ...error.headers,
    ...headers,
  });
  sink.end(body);
  return error;
}

/** Passes an engine's error answer on: as it is, or in the client's format where the engine speaks another one. */
export function sendRefusal(call: AdmittedCall, attempt: Attempt, refusal: Refusal): void {
  const retryAfter = refusal.headers['retry-after'];
  const { translation } = refusal;
  const body = translation === undefined ? refusal.body : translateRefusal(translation, refusal);
  call.sink.start(refusal.status, {
    'content-type': translation === undefined ? (refusal.headers['content-type'] ?? 'application/json') : 'application/json',
    'content-length': String(body.length),
    ...answerHeaders(call, attempt),
    ...(retryAfter === undefined ? {} : { 'retry-after': retryAfter }),
  });
  call.sink.end(body);
}

function translateRefusal({ client, engine }: Translation, refusal: Refusal): Buffer {
  let value: unknown;
  try {
    value = JSON.parse(refusal.body.toString('utf8'));
  } catch {
    value = refusal.body.toString('utf8', 0, 1000);
  }
  return Buffer.from(JSON.stringify(client.encodeError(engine.decodeError(refusal.status, value))));
}
