import type { PlatformError } from '@maru/api/errors';
import { toErrorBody } from '#http';
import { type ProcessingResponse, type Struct, setHeaders } from '../wire/messages.ts';
import { DESTINATION, DROPPED_REASON, LB_NAMESPACE } from '../wire/protocol.ts';
import { bodyPieces } from './body-pieces.ts';

/** Sends a request to the first of these addresses, and to the others in turn when it fails there. */
export function sendTo(order: readonly string[]): ProcessingResponse {
  const value = order.join(',');
  const metadata: Struct = { fields: { [LB_NAMESPACE]: { structValue: { fields: { [DESTINATION]: { stringValue: value } } } } } };
  return { requestHeaders: { response: { headerMutation: setHeaders({ [DESTINATION]: value }), clearRouteCache: true } }, dynamicMetadata: metadata };
}

/** A body passed on as it came, in as many messages as it needs. */
export function* passBody(side: 'requestBody' | 'responseBody', body: Uint8Array, endOfStream: boolean): Generator<ProcessingResponse> {
  let before: Uint8Array | undefined;
  for (const piece of bodyPieces(body)) {
    if (before !== undefined) yield { [side]: { response: { bodyMutation: { streamedResponse: { body: before, endOfStream: false } } } } };
    before = piece;
  }
  yield { [side]: { response: { bodyMutation: { streamedResponse: { body: before ?? body, endOfStream } } } } };
}

/** The answer that the client gets in place of a model's: the error object of the OpenAI API. */
export function refuse(error: PlatformError): ProcessingResponse {
  return {
    immediateResponse: {
      status: { code: error.status },
      headers: setHeaders({
        'content-type': 'application/json; charset=utf-8',
        ...(error.retryAfterS === undefined ? {} : { 'retry-after': String(Math.max(1, Math.ceil(error.retryAfterS))) }),
        ...reasonOf(error),
      }),
      body: Buffer.from(JSON.stringify(toErrorBody(error))),
      details: `maru_picker_${error.code}`,
    },
  };
}

function reasonOf(error: PlatformError): Readonly<Record<string, string>> {
  const reason = error.details['reason'];
  return typeof reason === 'string' ? { [DROPPED_REASON]: reason } : {};
}
