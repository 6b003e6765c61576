import type { CanonicalError, FailureKind } from '../canonical/error.ts';
import { kindOfFailure } from '../canonical/failure.ts';
import { asObject, asString, type JsonObject } from '../json-value.ts';

const EXCEPTIONS: Readonly<Record<string, readonly [number, FailureKind | undefined]>> = Object.freeze({
  validationexception: [400, undefined],
  accessdeniedexception: [403, 'permission'],
  resourcenotfoundexception: [404, 'not-found'],
  modeltimeoutexception: [408, 'timeout'],
  throttlingexception: [429, 'rate-limit'],
  servicequotaexceededexception: [429, 'rate-limit'],
  modelnotreadyexception: [429, 'overloaded'],
  modelerrorexception: [424, 'server'],
  modelstreamerrorexception: [424, 'server'],
  internalserverexception: [500, 'server'],
  serviceunavailableexception: [503, 'overloaded'],
});

/** An error of Bedrock: its message, and its name where the body says it. */
export function decodeBedrockError(status: number, value: unknown): CanonicalError {
  const body = asObject(value);
  const message = asString(body['message']) ?? asString(body['Message']) ?? 'the provider answered without a message';
  const name = asString(body['__type'])?.split('#').at(-1);
  return toError(name, message, status);
}

/** An exception inside a stream, whose name stands in a header. */
export function decodeBedrockException(name: string, payload: unknown): CanonicalError {
  return toError(name, asString(asObject(payload)['message']) ?? 'the stream broke off without a message', 502);
}

function toError(name: string | undefined, message: string, fallback: number): CanonicalError {
  const [said, kind] = EXCEPTIONS[name?.toLowerCase() ?? ''] ?? [];
  const status = fallback === 502 ? (said ?? fallback) : fallback;
  return { kind: kind ?? kindOfFailure(status, message), status, message, ...(name === undefined ? {} : { code: name }) };
}

export const encodeBedrockError = (error: CanonicalError): JsonObject => ({ message: error.message });
