import type { CanonicalError, FailureKind } from './error.ts';

const STATUS: Readonly<Record<FailureKind, number>> = Object.freeze({
  'invalid-request': 400,
  'context-length': 400,
  'content-policy': 400,
  'too-large': 413,
  authentication: 401,
  permission: 403,
  billing: 402,
  'not-found': 404,
  conflict: 409,
  'rate-limit': 429,
  overloaded: 503,
  timeout: 504,
  cut: 502,
  garbage: 502,
  server: 500,
});

const BY_STATUS: Readonly<Record<number, FailureKind>> = Object.freeze({
  401: 'authentication',
  402: 'billing',
  403: 'permission',
  404: 'not-found',
  408: 'timeout',
  409: 'conflict',
  413: 'too-large',
  429: 'rate-limit',
  503: 'overloaded',
  504: 'timeout',
  529: 'overloaded',
});

const CONTEXT =
  /context (length|window)|maximum context|too many (input )?tokens|prompt is too long|input (is )?too long|exceeds? the (maximum|available) .*(tokens|context)/i;
const POLICY = /content (management )?(policy|filter)|safety system|responsible ai|flagged|content_filter/i;

/** An error of a kind, with the status that it means. */
export const failure = (kind: FailureKind, message: string): CanonicalError => ({ kind, status: STATUS[kind], message });

/** The kind of a vendor's error: its status, and for a refused request what its words say. */
export function kindOfFailure(status: number, words: string): FailureKind {
  if (status === 400 || status === 413 || status === 422) {
    if (CONTEXT.test(words)) return 'context-length';
    if (POLICY.test(words)) return 'content-policy';
  }
  return BY_STATUS[status] ?? (status >= 500 ? 'server' : 'invalid-request');
}
