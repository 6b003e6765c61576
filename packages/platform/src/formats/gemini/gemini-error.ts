import type { CanonicalError, FailureKind } from '../canonical/error.ts';
import { kindOfFailure } from '../canonical/failure.ts';
import { asList, asObject, asString, isObject, type JsonObject } from '../json-value.ts';

const KINDS: Readonly<Record<string, FailureKind>> = Object.freeze({
  UNAUTHENTICATED: 'authentication',
  PERMISSION_DENIED: 'permission',
  NOT_FOUND: 'not-found',
  RESOURCE_EXHAUSTED: 'rate-limit',
  ALREADY_EXISTS: 'conflict',
  ABORTED: 'conflict',
  UNAVAILABLE: 'overloaded',
  DEADLINE_EXCEEDED: 'timeout',
  INTERNAL: 'server',
  UNKNOWN: 'server',
});

const STATUSES: Readonly<Record<FailureKind, string>> = Object.freeze({
  'invalid-request': 'INVALID_ARGUMENT',
  'context-length': 'INVALID_ARGUMENT',
  'content-policy': 'INVALID_ARGUMENT',
  'too-large': 'INVALID_ARGUMENT',
  authentication: 'UNAUTHENTICATED',
  permission: 'PERMISSION_DENIED',
  billing: 'FAILED_PRECONDITION',
  'not-found': 'NOT_FOUND',
  conflict: 'ABORTED',
  'rate-limit': 'RESOURCE_EXHAUSTED',
  overloaded: 'UNAVAILABLE',
  timeout: 'DEADLINE_EXCEEDED',
  cut: 'INTERNAL',
  garbage: 'INTERNAL',
  server: 'INTERNAL',
});

/** Google's error object, alone or in a list. */
export function decodeGeminiError(status: number, value: unknown): CanonicalError {
  const body = asObject(Array.isArray(value) ? value[0] : value);
  const error = asObject(body['error']);
  const message = asString(error['message']) ?? 'the provider answered without a message';
  const code = asString(error['status']);
  const badKey = asList(error['details']).some((detail) => isObject(detail) && detail['reason'] === 'API_KEY_INVALID');
  const said = typeof error['code'] === 'number' && status < 400 ? error['code'] : status;
  return {
    kind: badKey ? 'authentication' : ((code === undefined ? undefined : KINDS[code]) ?? kindOfFailure(said, message)),
    status: said,
    message,
    ...(code === undefined ? {} : { code }),
  };
}

export const encodeGeminiError = (error: CanonicalError): JsonObject => ({
  error: { code: error.status, message: error.message, status: STATUSES[error.kind] },
});
