import { durationToMs, type Model, type Route } from '@maru/api/resources';
import type { RequestFacts } from '#gateway';
import { DEFAULT_RECOVERY, type HealthSettings, healthSettings, type RecoverySettings, recoverySettings } from '#router';

/** Times of an attempt, in milliseconds. */
export interface AttemptLimits {
  readonly firstTokenMs: number | undefined;
  readonly stallMs: number | undefined;
  readonly attemptMs: number | undefined;
}

/** What a route promises, in milliseconds. */
interface SloMs {
  readonly ttftMs: number | undefined;
  readonly itlMs: number | undefined;
}

/** What a Route says in words, as numbers. */
export interface RouteSettings {
  readonly recovery: RecoverySettings;
  readonly health: HealthSettings | undefined;
  readonly slo: SloMs | undefined;
  readonly limits: AttemptLimits;
  /** Of the whole request. */
  readonly timeoutMs: number | undefined;
  readonly hedgeAfterMs: number | undefined;
  readonly affinityTtlMs: number;
}

const NO_LIMITS: AttemptLimits = Object.freeze({ firstTokenMs: undefined, stallMs: undefined, attemptMs: undefined });
const NO_ROUTE: RouteSettings = Object.freeze({
  recovery: DEFAULT_RECOVERY,
  health: undefined,
  slo: undefined,
  limits: NO_LIMITS,
  timeoutMs: undefined,
  hedgeAfterMs: undefined,
  affinityTtlMs: 0,
});
const USUAL_TIMEOUT_MS = 300_000;

const known = new WeakMap<Route, RouteSettings>();
const timeouts = new WeakMap<Model, number>();

/** Read once for each Route as it is in force; the usual ones where a model was asked for by its name. */
export function routeSettings(route: Route | undefined): RouteSettings {
  if (route === undefined) return NO_ROUTE;
  const read = known.get(route);
  if (read !== undefined) return read;
  const { spec } = route;
  const settings: RouteSettings = {
    recovery: recoverySettings(spec),
    health: healthSettings(spec.health),
    slo: spec.slo === undefined ? undefined : { ttftMs: toMs(spec.slo.ttft), itlMs: toMs(spec.slo.itl) },
    limits: spec.timeouts === undefined ? NO_LIMITS : attemptLimits(spec.timeouts),
    timeoutMs: toMs(spec.timeout),
    hedgeAfterMs: toMs(spec.hedge?.after),
    affinityTtlMs: toMs(spec.affinity?.ttl) ?? 0,
  };
  known.set(route, settings);
  return settings;
}

/** Longest silence of a model, in milliseconds. */
export function modelTimeoutMs(model: Model | undefined): number {
  if (model === undefined) return USUAL_TIMEOUT_MS;
  const read = timeouts.get(model);
  if (read !== undefined) return read;
  const timeoutMs = durationToMs(model.spec.timeout);
  timeouts.set(model, timeoutMs);
  return timeoutMs;
}

/** How long an attempt may take; what the backend says goes before what its route says. */
export function attemptLimits(own: Timeouts | undefined, ofRoute: AttemptLimits = NO_LIMITS): AttemptLimits {
  if (own === undefined) return ofRoute;
  return {
    firstTokenMs: toMs(own.firstToken) ?? ofRoute.firstTokenMs,
    stallMs: toMs(own.stall) ?? ofRoute.stallMs,
    attemptMs: toMs(own.attempt) ?? ofRoute.attemptMs,
  };
}

/** What the request asks for, else what its route promises. */
export function sloOf({ slo }: RouteSettings, facts: RequestFacts): SloMs | undefined {
  if (facts.slo === undefined) return slo;
  return { ttftMs: facts.slo.ttftMs ?? slo?.ttftMs, itlMs: facts.slo.itlMs ?? slo?.itlMs };
}

/** Time after which a first token is of no use: what the request asks for, or the time that its route gives it. */
export function withinMs({ timeoutMs }: RouteSettings, facts: RequestFacts): number | undefined {
  const asked = facts.slo?.ttftMs;
  if (asked === undefined || timeoutMs === undefined) return asked ?? timeoutMs;
  return Math.min(asked, timeoutMs);
}

interface Timeouts {
  readonly firstToken?: string | undefined;
  readonly stall?: string | undefined;
  readonly attempt?: string | undefined;
}

const toMs = (duration: string | undefined): number | undefined => (duration === undefined ? undefined : durationToMs(duration));
