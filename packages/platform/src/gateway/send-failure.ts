import { type PlatformError, toPlatformError } from '@maru/api/errors';
import { formatSse, toErrorBody } from '#http';
import { answerHeaders } from './answer-headers.ts';
import type { AdmittedCall, Refusal } from './call.ts';
import type { ClientSink } from './client-sink.ts';
import type { Attempt } from './ports.ts';

/**
 * Tells the client about an error: as an answer when nothing was sent yet, else as an event after which no `[DONE]` comes, so that a cut
 * stream never looks complete. Internal messages stay inside.
 */
export function sendFailure(sink: ClientSink, thrown: unknown, headers: Readonly<Record<string, string>>): PlatformError {
  const error = toPlatformError(thrown);
  const text = JSON.stringify(toErrorBody(error));
  if (sink.started) {
    sink.end(Buffer.from(formatSse({ data: text })));
    return error;
  }
  const body = Buffer.from(text);
  sink.start(error.status, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': String(body.length),
    ...(error.retryAfterS === undefined ? {} : { 'retry-after': String(Math.max(1, Math.ceil(error.retryAfterS))) }),
    ...headers,
  });
  sink.end(body);
  return error;
}

/** Passes an engine's error answer on as it is. */
export function sendRefusal(call: AdmittedCall, attempt: Attempt, refusal: Refusal): void {
  const retryAfter = refusal.headers['retry-after'];
  call.sink.start(refusal.status, {
    'content-type': refusal.headers['content-type'] ?? 'application/json',
    'content-length': String(refusal.body.length),
    ...answerHeaders(call, attempt),
    ...(retryAfter === undefined ? {} : { 'retry-after': retryAfter }),
  });
  call.sink.end(refusal.body);
}
