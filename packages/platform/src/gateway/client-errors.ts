import type { PlatformError } from '@maru/api/errors';
import { formatSse, toErrorBody } from '#http';
import type { ErrorShape } from './door.ts';

/** The error object that the clients of a format read. Internal messages stay inside. */
export function errorBodyOf(shape: ErrorShape, error: PlatformError): object {
  if (shape === 'anthropic') return anthropicBody(error);
  if (shape === 'google') return googleBody(error);
  return toErrorBody(error);
}

/** The event after which a stream of this format is known to be broken; no end marker follows it. */
export function errorEventOf(shape: ErrorShape, error: PlatformError): string {
  const body = errorBodyOf(shape, error);
  if (shape === 'anthropic') return formatSse({ event: 'error', data: JSON.stringify(body) });
  if (shape === 'responses') {
    const event = { type: 'error', code: error.code, message: error.message, param: null, ...body };
    return formatSse({ event: 'error', data: JSON.stringify(event) });
  }
  return formatSse({ data: JSON.stringify(body) });
}

const ANTHROPIC_TYPES: Readonly<Record<number, string>> = {
  400: 'invalid_request_error',
  401: 'authentication_error',
  402: 'billing_error',
  403: 'permission_error',
  404: 'not_found_error',
  413: 'request_too_large',
  429: 'rate_limit_error',
  503: 'overloaded_error',
  504: 'timeout_error',
};

const anthropicBody = (error: PlatformError): object => ({
  type: 'error',
  error: { type: ANTHROPIC_TYPES[error.status] ?? (error.status < 500 ? 'invalid_request_error' : 'api_error'), message: error.message, code: error.code },
});

const GOOGLE_STATUSES: Readonly<Record<number, string>> = {
  400: 'INVALID_ARGUMENT',
  401: 'UNAUTHENTICATED',
  403: 'PERMISSION_DENIED',
  404: 'NOT_FOUND',
  409: 'ABORTED',
  429: 'RESOURCE_EXHAUSTED',
  499: 'CANCELLED',
  500: 'INTERNAL',
  503: 'UNAVAILABLE',
  504: 'DEADLINE_EXCEEDED',
};

const googleBody = (error: PlatformError): object => ({
  error: {
    code: error.status,
    message: error.message,
    status: GOOGLE_STATUSES[error.status] ?? (error.status < 500 ? 'INVALID_ARGUMENT' : 'INTERNAL'),
    details: [{ '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason: error.code, domain: 'maru.dev' }],
  },
});
