import type { ErrorCode } from '@maru/api/errors';
import type { FailureClass } from '@maru/api/resources';

const BY_CODE: Readonly<Partial<Record<ErrorCode, FailureClass>>> = {
  content_filtered: 'contentPolicy',
  context_length_exceeded: 'contextWindow',
  rate_limited: 'rateLimit',
  upstream_credentials: 'authentication',
  upstream_timeout: 'timeout',
  upstream_unreachable: 'connection',
  upstream_cut: 'brokenAnswer',
  upstream_garbage: 'brokenAnswer',
  no_endpoint: 'unavailable',
};

const BY_STATUS: Readonly<Record<number, FailureClass>> = {
  401: 'authentication',
  402: 'authentication',
  403: 'authentication',
  404: 'notFound',
  408: 'timeout',
  409: 'serverError',
  425: 'unavailable',
  429: 'rateLimit',
  502: 'badGateway',
  503: 'unavailable',
  504: 'timeout',
  // Anthropic: overloaded.
  529: 'unavailable',
};

/** What went wrong, from the error and the status of the upstream's answer. */
export function classifyFailure(failure: { readonly code: ErrorCode; readonly status?: number | undefined }): FailureClass {
  const byCode = BY_CODE[failure.code];
  if (byCode !== undefined) return byCode;
  const { status } = failure;
  if (status === undefined) return failure.code === 'not_supported' ? 'notFound' : 'badRequest';
  return BY_STATUS[status] ?? (status >= 500 ? 'serverError' : 'badRequest');
}
