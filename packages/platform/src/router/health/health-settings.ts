import { durationToMs, type FailureClass, type RouteSpec } from '@maru/api/resources';

/** When an endpoint rests and how it comes back; the field `health` of a Route in milliseconds. */
export interface HealthSettings {
  /** Failures in a row. */
  readonly allowedFails: number;
  readonly allowedFailsPer: Readonly<Partial<Record<FailureClass, number>>>;
  readonly cooldownMs: number;
  readonly maxCooldownMs: number;
  /** Share of failures in the window above which it is an outlier. */
  readonly errorRate: number;
  readonly minRequests: number;
  readonly windowMs: number;
  readonly slowStartMs: number;
  readonly maxEjected: number;
}

export const DEFAULT_HEALTH: HealthSettings = Object.freeze({
  allowedFails: 3,
  allowedFailsPer: {},
  cooldownMs: 5000,
  maxCooldownMs: 60_000,
  errorRate: 0.5,
  minRequests: 10,
  windowMs: 60_000,
  slowStartMs: 10_000,
  maxEjected: 0.5,
});

const known = new WeakMap<RouteSpec['health'], HealthSettings>();

/** Read once per route. */
export function healthSettings(health: RouteSpec['health']): HealthSettings {
  const read = known.get(health);
  if (read !== undefined) return read;
  const settings: HealthSettings = {
    allowedFails: health.allowedFails,
    allowedFailsPer: health.allowedFailsPer as HealthSettings['allowedFailsPer'],
    cooldownMs: durationToMs(health.cooldown),
    maxCooldownMs: durationToMs(health.maxCooldown),
    errorRate: health.errorRate,
    minRequests: health.minRequests,
    windowMs: durationToMs(health.window),
    slowStartMs: durationToMs(health.slowStart),
    maxEjected: health.maxEjected,
  };
  known.set(health, settings);
  return settings;
}
