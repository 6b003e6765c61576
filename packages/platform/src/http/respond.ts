import type { IncomingMessage, ServerResponse } from 'node:http';
import { type PlatformError, toPlatformError } from '@maru/api/errors';

/** Answers with JSON; does nothing when the client has gone. */
export function sendJson(response: ServerResponse, status: number, body: unknown): void {
  sendJsonWith(response, { status, headers: {} }, body);
}

/** Answers with JSON and further headers. */
export function sendJsonWith(
  response: ServerResponse,
  head: { readonly status: number; readonly headers: Readonly<Record<string, string>> },
  body: unknown,
): void {
  if (response.headersSent || response.destroyed) return;
  const text = JSON.stringify(body);
  response.writeHead(head.status, { 'content-type': 'application/json; charset=utf-8', 'content-length': Buffer.byteLength(text), ...head.headers });
  response.end(text);
}

/** The error object of the OpenAI API, which its clients know how to read. */
export function toErrorBody(error: PlatformError): { error: { message: string; type: string; code: string; param: string | null; details?: unknown } } {
  const type =
    error.status === 429
      ? 'rate_limit_error'
      : error.status === 401
        ? 'authentication_error'
        : error.status === 403
          ? 'permission_error'
          : error.status >= 500
            ? 'server_error'
            : 'invalid_request_error';
  const param = typeof error.details['param'] === 'string' ? error.details['param'] : null;
  return { error: { message: error.message, type, code: error.code, param, ...(Object.keys(error.details).length > 0 ? { details: error.details } : {}) } };
}

/** Answers with an error; internal messages never leave the process. */
export function sendError(response: ServerResponse, thrown: unknown, headers: Readonly<Record<string, string>> = {}): void {
  const error = toPlatformError(thrown);
  const retry = error.retryAfterS === undefined ? {} : { 'retry-after': String(Math.max(1, Math.ceil(error.retryAfterS))) };
  sendJsonWith(response, { status: error.status, headers: { ...retry, ...headers } }, toErrorBody(error));
}

/** An AbortSignal that fires when the client goes away before the answer is complete. */
export function clientSignal(request: IncomingMessage, response: ServerResponse): AbortSignal {
  const controller = new AbortController();
  const onClose = (): void => {
    if (!response.writableFinished) controller.abort();
  };
  response.once('close', onClose);
  request.once('error', onClose);
  return controller.signal;
}
