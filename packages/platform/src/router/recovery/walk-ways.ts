import type { FailureClass } from '@maru/api/resources';
import { backoffMs } from '#time';
import type { ModelChoice } from '../choose-model/choose-model.ts';
import type { RecoverySettings } from './recovery-settings.ts';

/** How an attempt at the current way failed. */
export interface WayFailure {
  readonly failure: FailureClass;
  /** What the upstream asked for. */
  readonly retryAfterMs?: number | undefined;
  /** Whether the current model has an endpoint that this request has not been at. */
  readonly freshEndpoint: boolean;
}

interface NextWay {
  readonly way: ModelChoice;
  readonly delayMs: number;
}

export interface WalkOptions {
  readonly ways: readonly ModelChoice[];
  readonly settings: RecoverySettings;
  /** Ways for a prompt that is too long, or that a content filter refused; the usual ones where empty. */
  special(kind: 'context-window' | 'content-policy', from: string): readonly ModelChoice[];
  /** Whether a model may hold a prompt that was too long for another. */
  isLarger(model: string, than: string): boolean;
  random(): number;
}

/** A walk along the ways of one request. */
export interface Walk {
  /** The way to be tried, without a failure before it. */
  current(): ModelChoice | undefined;
  /** What to try after a failure; undefined when there is nothing left that could help. */
  next(failure: WayFailure): NextWay | undefined;
  /** Gives up the current way without an attempt. */
  skip(): ModelChoice | undefined;
  /** The way behind the current one; for a second attempt beside it. */
  following(): ModelChoice | undefined;
}

/** Failures that may be gone at the next attempt at the same model. */
const RETRIED: ReadonlySet<FailureClass> = new Set(['timeout', 'rateLimit', 'serverError', 'badGateway', 'unavailable', 'connection', 'brokenAnswer']);

/** Retries per class with backoff, then the other backends, then the fallbacks; each class of failure goes where it can be helped. */
export const walkWays = (options: WalkOptions): Walk => new WaysWalk(options);

class WaysWalk implements Walk {
  readonly #options: WalkOptions;
  #rest: readonly ModelChoice[];
  #retried = 0;
  /** Retries of the current way per class; made with the first of them. */
  #counts: Map<FailureClass, number> | undefined;
  #others = 0;

  constructor(options: WalkOptions) {
    this.#options = options;
    this.#rest = options.ways;
  }

  current(): ModelChoice | undefined {
    return this.#rest[0];
  }

  following(): ModelChoice | undefined {
    return this.#rest[1];
  }

  skip(): ModelChoice | undefined {
    if (this.#others >= this.#options.settings.maxFallbacks) {
      this.#rest = [];
      return undefined;
    }
    this.#others += 1;
    this.#rest = this.#rest.slice(1);
    this.#retried = 0;
    this.#counts = undefined;
    return this.#rest[0];
  }

  next(problem: WayFailure): NextWay | undefined {
    const way = this.#rest[0];
    if (way === undefined) return undefined;
    const { settings } = this.#options;
    if (problem.failure === 'badRequest' && settings.per.badRequest === undefined) return undefined;
    if (problem.failure === 'contextWindow') {
      if (!this.#detour('context-window', way.model))
        this.#rest = [way, ...this.#rest.slice(1).filter((other) => this.#options.isLarger(other.model, way.model))];
      return this.#elsewhere();
    }
    if (problem.failure === 'contentPolicy') {
      this.#detour('content-policy', way.model);
      return this.#elsewhere();
    }
    return this.#retry(way, problem) ?? (problem.failure === 'badRequest' ? undefined : this.#elsewhere());
  }

  #elsewhere(): NextWay | undefined {
    const way = this.skip();
    return way === undefined ? undefined : { way, delayMs: 0 };
  }

  /** Puts the ways that help against a failure in front. */
  #detour(kind: 'context-window' | 'content-policy', from: string): boolean {
    const better = this.#options.special(kind, from).filter((way) => way.model !== from);
    if (better.length === 0) return false;
    const names = new Set(better.map((way) => way.model));
    this.#rest = [...this.#rest.slice(0, 1), ...better, ...this.#rest.slice(1).filter((way) => !names.has(way.model))];
    return true;
  }

  #retry(way: ModelChoice, { failure, retryAfterMs = 0, freshEndpoint }: WayFailure): NextWay | undefined {
    const { settings } = this.#options;
    const allowed = settings.per[failure] ?? (RETRIED.has(failure) ? settings.attempts : 0);
    const ofClass = this.#counts?.get(failure) ?? 0;
    const used = settings.per[failure] === undefined ? this.#retried : ofClass;
    if (used >= allowed) return undefined;
    if (!freshEndpoint && retryAfterMs > settings.maxRetryAfterMs) return undefined;
    // Another backend of the route is better than waiting for this one.
    if (failure === 'rateLimit' && !freshEndpoint && this.#rest[1]?.role === 'backend') return undefined;
    const wait = backoffMs(this.#retried, { baseMs: settings.backoffMs, maxMs: settings.maxBackoffMs, random: () => this.#options.random() });
    this.#counts ??= new Map();
    this.#counts.set(failure, ofClass + 1);
    this.#retried += 1;
    return { way, delayMs: freshEndpoint ? 0 : Math.max(wait, retryAfterMs) };
  }
}
