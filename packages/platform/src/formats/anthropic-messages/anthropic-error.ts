import type { CanonicalError, FailureKind } from '../canonical/error.ts';
import { kindOfFailure } from '../canonical/failure.ts';
import { asObject, asString, isObject, type JsonObject } from '../json-value.ts';

const TYPES: Readonly<Record<FailureKind, string>> = Object.freeze({
  'invalid-request': 'invalid_request_error',
  'context-length': 'invalid_request_error',
  'content-policy': 'invalid_request_error',
  'too-large': 'request_too_large',
  authentication: 'authentication_error',
  permission: 'permission_error',
  billing: 'billing_error',
  'not-found': 'not_found_error',
  conflict: 'invalid_request_error',
  'rate-limit': 'rate_limit_error',
  overloaded: 'overloaded_error',
  timeout: 'timeout_error',
  cut: 'api_error',
  garbage: 'api_error',
  server: 'api_error',
});

const STATUS_OF_TYPE: Readonly<Record<string, number>> = Object.freeze({
  invalid_request_error: 400,
  authentication_error: 401,
  billing_error: 402,
  permission_error: 403,
  not_found_error: 404,
  request_too_large: 413,
  rate_limit_error: 429,
  timeout_error: 504,
  overloaded_error: 529,
});

/** The error object of Anthropic; anything else says as much as its status does. A status of 0 is read from the type. */
export function decodeAnthropicError(status: number, value: unknown): CanonicalError {
  const body = asObject(value);
  const inner = isObject(body['error']) ? body['error'] : body;
  const message = asString(inner['message']) ?? asString(body['error']) ?? 'the provider answered without a message';
  const type = asString(inner['type']);
  const known = status === 0 ? (STATUS_OF_TYPE[type ?? ''] ?? 500) : status;
  return { kind: kindOfFailure(known, message), status: known, message, ...(type === undefined ? {} : { type, code: type }) };
}

/** Only a type that Anthropic knows is given back, because its clients choose their exception by it. */
export function encodeAnthropicError(error: CanonicalError): JsonObject {
  const own = error.type !== undefined && (error.type in STATUS_OF_TYPE || error.type === 'api_error');
  return { type: 'error', error: { type: own ? error.type : TYPES[error.kind], message: error.message } };
}
