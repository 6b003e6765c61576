import { ERROR_CATALOGUE, type ErrorCode } from './catalogue.ts';

const BRAND = Symbol.for('maru.platform-error');
const NO_HEADERS: Readonly<Record<string, string>> = Object.freeze({});

export interface PlatformErrorOptions {
  /** Says what is wrong, where, and what to do; safe to show to a client. */
  readonly message: string;
  readonly cause?: unknown;
  /** Facts for a program; never secrets and never prompts. */
  readonly details?: Readonly<Record<string, unknown>>;
  /** Seconds after which a retry makes sense. */
  readonly retryAfterS?: number;
  /** Headers for the answer, lower-case names, such as `x-ratelimit-remaining-requests`. */
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * The only error that Maru throws. The code fixes the HTTP status and whether to retry.
 *
 * @example throw new PlatformError('model_not_found', { message: 'no model is called "gpt-9"' });
 */
export class PlatformError extends Error {
  readonly [BRAND] = true;
  readonly code: ErrorCode;
  readonly status: number;
  readonly retryable: boolean;
  readonly details: Readonly<Record<string, unknown>>;
  readonly retryAfterS: number | undefined;
  readonly headers: Readonly<Record<string, string>>;

  constructor(code: ErrorCode, options: PlatformErrorOptions) {
    super(options.message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'PlatformError';
    this.code = code;
    this.status = ERROR_CATALOGUE[code].status;
    this.retryable = ERROR_CATALOGUE[code].retryable;
    this.details = options.details ?? {};
    this.retryAfterS = options.retryAfterS;
    this.headers = options.headers ?? NO_HEADERS;
  }
}

/** Tells a {@link PlatformError} (of one code, where given) from anything else; works across bundles. */
export function isPlatformError(error: unknown, code?: ErrorCode): error is PlatformError {
  if (typeof error !== 'object' || error === null || !(BRAND in error)) return false;
  return code === undefined || (error as PlatformError).code === code;
}

/** Turns anything that was thrown into a {@link PlatformError}; unknown errors become `internal` and keep their cause. */
export function toPlatformError(error: unknown, fallback: ErrorCode = 'internal'): PlatformError {
  if (isPlatformError(error)) return error;
  return new PlatformError(fallback, { message: ERROR_CATALOGUE[fallback].meaning, cause: error });
}
