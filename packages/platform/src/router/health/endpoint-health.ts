import type { FailureClass } from '@maru/api/resources';
import { DEFAULT_HEALTH, type HealthSettings } from './health-settings.ts';
import { SlidingSum } from './sliding-sum.ts';

/** An upstream that asks for a longer rest than this is tried again after it. */
const LONGEST_ASKED_MS = 300_000;
/** What an endpoint that has just come back gets of its share. */
const FIRST_SHARE = 0.1;

/** Failures that say nothing about the endpoint: the request itself is wrong. */
const OF_THE_REQUEST: ReadonlySet<FailureClass> = new Set(['badRequest', 'contextWindow', 'contentPolicy']);
/** Failures that the next request would meet too. */
const AT_ONCE: ReadonlySet<FailureClass> = new Set(['rateLimit', 'authentication', 'notFound']);

export interface HealthOutcome {
  readonly failure: FailureClass | undefined;
  /** What the upstream asked for, in milliseconds. */
  readonly retryAfterMs: number | undefined;
}

/** The circuit breaker of an endpoint as it is now. */
export interface Breaker {
  /** `open`: it rests; `half-open`: its rest is over and one request tries it; `returning`: its share of the traffic grows. */
  readonly state: 'closed' | 'open' | 'half-open' | 'returning';
  /** It rests because of its error rate. */
  readonly ejected: boolean;
  /** Until its rest is over, in milliseconds. */
  readonly restsMs: number;
  /** In a row. */
  readonly failures: number;
  /** Of its usual traffic, from 0 to 1. */
  readonly share: number;
}

/**
 * The circuit breaker of one endpoint. Closed, it counts failures; open, the endpoint rests; then one request tries it, and either it
 * rests again, twice as long, or it comes back slowly.
 */
export class EndpointHealth {
  #failures = 0;
  #trips = 0;
  #restUntilMs = 0;
  #outlier = false;
  #trial = false;
  #backSinceMs = Number.NEGATIVE_INFINITY;
  #slowStartMs = 0;
  #windowMs = 0;
  #requests: SlidingSum | undefined;
  #errors: SlidingSum | undefined;
  #perClass: Map<FailureClass, SlidingSum> | undefined;

  /** It rests. */
  resting(nowMs: number): boolean {
    return this.#restUntilMs > nowMs;
  }

  get restUntilMs(): number {
    return this.#restUntilMs;
  }

  /** It rests because of its error rate, and may be let in when too many others rest for that. */
  get outlier(): boolean {
    return this.#outlier;
  }

  /** Its rest is over and one request tries it; others wait for what comes of that. */
  onTrial(nowMs: number): boolean {
    return this.#trips > 0 && this.#trial && this.#restUntilMs <= nowMs;
  }

  /** Its state for people. */
  describe(nowMs: number): Breaker {
    const resting = this.resting(nowMs);
    const share = this.share(nowMs);
    return {
      state: resting ? 'open' : this.#trips > 0 ? 'half-open' : share < 1 ? 'returning' : 'closed',
      ejected: resting && this.#outlier,
      restsMs: resting ? this.#restUntilMs - nowMs : 0,
      failures: this.#failures,
      share,
    };
  }

  /** From 0 to 1: below 1 while it comes back. */
  share(nowMs: number): number {
    if (this.#slowStartMs === 0) return 1;
    const grown = (nowMs - this.#backSinceMs) / this.#slowStartMs;
    return grown >= 1 ? 1 : FIRST_SHARE + (1 - FIRST_SHARE) * Math.max(0, grown);
  }

  /** A request goes there. */
  begin(): void {
    if (this.#trips > 0) this.#trial = true;
  }

  /** A request has ended without saying anything about the endpoint, for example because its client went. */
  forgetTrial(): void {
    this.#trial = false;
  }

  /** Learns from how a request ended. */
  note(outcome: HealthOutcome, nowMs: number, settings: HealthSettings = DEFAULT_HEALTH): void {
    const failure = outcome.failure !== undefined && !OF_THE_REQUEST.has(outcome.failure) ? outcome.failure : undefined;
    this.#trial = false;
    this.#count(failure, nowMs, settings);
    if (failure === undefined) this.#work(nowMs, settings);
    else this.#fail({ failure, retryAfterMs: outcome.retryAfterMs }, nowMs, settings);
  }

  #work(nowMs: number, settings: HealthSettings): void {
    if (this.#trips > 0) {
      this.#backSinceMs = nowMs;
      this.#slowStartMs = settings.slowStartMs;
      this.#requests = undefined;
    }
    this.#failures = 0;
    this.#trips = 0;
    this.#restUntilMs = 0;
    this.#outlier = false;
  }

  #fail(
    { failure, retryAfterMs }: { readonly failure: FailureClass; readonly retryAfterMs: number | undefined },
    nowMs: number,
    settings: HealthSettings,
  ): void {
    this.#failures += 1;
    if (settings.cooldownMs === 0) return;
    const allowed = settings.allowedFailsPer[failure];
    const tooMany =
      allowed === undefined ? this.#failures >= settings.allowedFails || AT_ONCE.has(failure) : (this.#perClass?.get(failure)?.total(nowMs) ?? 0) > allowed;
    const outlier = this.#isOutlier(nowMs, settings);
    // Whoever fails its trial is not given three more.
    if (!tooMany && !outlier && this.#trips === 0) return;
    const restMs = Math.min(settings.maxCooldownMs, settings.cooldownMs * 2 ** this.#trips);
    this.#restUntilMs = nowMs + Math.max(restMs, Math.min(LONGEST_ASKED_MS, retryAfterMs ?? 0));
    this.#outlier = outlier && !tooMany;
    this.#trips += 1;
  }

  #count(failure: FailureClass | undefined, nowMs: number, settings: HealthSettings): void {
    if (this.#requests === undefined || this.#windowMs !== settings.windowMs) {
      this.#windowMs = settings.windowMs;
      this.#requests = new SlidingSum(settings.windowMs);
      this.#errors = new SlidingSum(settings.windowMs);
      this.#perClass = undefined;
    }
    this.#requests.add(1, nowMs);
    if (failure === undefined) return;
    this.#errors?.add(1, nowMs);
    if (settings.allowedFailsPer[failure] === undefined) return;
    this.#perClass ??= new Map();
    const sum = this.#perClass.get(failure) ?? new SlidingSum(settings.windowMs);
    this.#perClass.set(failure, sum);
    sum.add(1, nowMs);
  }

  #isOutlier(nowMs: number, settings: HealthSettings): boolean {
    const requests = this.#requests?.total(nowMs) ?? 0;
    return requests >= settings.minRequests && (this.#errors?.total(nowMs) ?? 0) / requests > settings.errorRate;
  }
}
