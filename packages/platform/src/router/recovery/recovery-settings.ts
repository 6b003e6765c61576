import { durationToMs, type FailureClass, type RouteSpec } from '@maru/api/resources';

/** How often and how long a request is tried; the field `retries` of a Route in milliseconds. */
export interface RecoverySettings {
  readonly attempts: number;
  readonly per: Readonly<Partial<Record<FailureClass, number>>>;
  readonly backoffMs: number;
  readonly maxBackoffMs: number;
  readonly maxRetryAfterMs: number;
  readonly maxFallbacks: number;
}

export const DEFAULT_RECOVERY: RecoverySettings = Object.freeze({
  attempts: 1,
  per: {},
  backoffMs: 100,
  maxBackoffMs: 5000,
  maxRetryAfterMs: 10_000,
  maxFallbacks: 5,
});

/** How a Route wants failures to be met. */
export const recoverySettings = ({ retries, maxFallbacks }: Pick<RouteSpec, 'retries' | 'maxFallbacks'>): RecoverySettings => ({
  attempts: retries.attempts,
  per: retries.per as RecoverySettings['per'],
  backoffMs: durationToMs(retries.backoff),
  maxBackoffMs: durationToMs(retries.maxBackoff),
  maxRetryAfterMs: durationToMs(retries.maxRetryAfter),
  maxFallbacks,
});
