import type { CanonicalError, FailureKind } from '../canonical/error.ts';
import { kindOfFailure } from '../canonical/failure.ts';
import { asObject, asString, isObject, type JsonObject } from '../json-value.ts';

const TYPES: Readonly<Record<FailureKind, string>> = Object.freeze({
  'invalid-request': 'invalid_request_error',
  'context-length': 'invalid_request_error',
  'content-policy': 'invalid_request_error',
  'too-large': 'invalid_request_error',
  authentication: 'authentication_error',
  permission: 'permission_error',
  billing: 'insufficient_quota',
  'not-found': 'not_found_error',
  conflict: 'invalid_request_error',
  'rate-limit': 'rate_limit_error',
  overloaded: 'server_error',
  timeout: 'server_error',
  cut: 'server_error',
  garbage: 'server_error',
  server: 'server_error',
});

const CODES: Readonly<Partial<Record<FailureKind, string>>> = Object.freeze({
  'context-length': 'context_length_exceeded',
  'content-policy': 'content_policy_violation',
  'rate-limit': 'rate_limit_exceeded',
  authentication: 'invalid_api_key',
  billing: 'insufficient_quota',
});

const KIND_OF_CODE: Readonly<Record<string, FailureKind>> = Object.freeze({
  context_length_exceeded: 'context-length',
  string_above_max_length: 'context-length',
  content_policy_violation: 'content-policy',
  content_filter: 'content-policy',
  ResponsibleAIPolicyViolation: 'content-policy',
  invalid_api_key: 'authentication',
  insufficient_quota: 'billing',
  rate_limit_exceeded: 'rate-limit',
  model_not_found: 'not-found',
});

/** The error object of OpenAI and of the many servers that look like it: `{error: {...}}`, `{message}`, `{detail}` or a text. */
export function decodeOpenaiError(status: number, value: unknown): CanonicalError {
  const body = asObject(value);
  const inner = isObject(body['error']) ? body['error'] : body;
  const message = asString(inner['message']) ?? asString(body['error']) ?? asString(body['detail']) ?? 'the provider answered without a message';
  const code = inner['code'] == null ? undefined : String(inner['code']);
  const type = asString(inner['type']);
  const param = asString(inner['param']);
  return {
    kind: (code === undefined ? undefined : KIND_OF_CODE[code]) ?? kindOfFailure(status, message),
    status,
    message,
    ...(code === undefined ? {} : { code }),
    ...(type === undefined ? {} : { type }),
    ...(param === undefined ? {} : { param }),
  };
}

export function encodeOpenaiError(error: CanonicalError): JsonObject {
  const type = error.type ?? TYPES[error.kind];
  return { error: { message: error.message, type, code: error.code ?? CODES[error.kind] ?? null, param: error.param ?? null } };
}
