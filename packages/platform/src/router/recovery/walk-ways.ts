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
  readonly special: (kind: 'context-window' | 'content-policy', from: string) => readonly ModelChoice[];
  /** Whether a model may hold a prompt that was too long for another. */
  readonly isLarger: (model: string, than: string) => boolean;
  readonly random: () => number;
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
export function walkWays({ ways, settings, special, isLarger, random }: WalkOptions): Walk {
  let rest = [...ways];
  let retried = 0;
  const counts = new Map<FailureClass, number>();
  let others = 0;

  const advance = (): ModelChoice | undefined => {
    if (others >= settings.maxFallbacks) {
      rest = [];
      return undefined;
    }
    others += 1;
    rest = rest.slice(1);
    retried = 0;
    counts.clear();
    return rest[0];
  };
  const elsewhere = (): NextWay | undefined => {
    const way = advance();
    return way === undefined ? undefined : { way, delayMs: 0 };
  };
  /** Puts the ways that help against a failure in front. */
  const detour = (kind: 'context-window' | 'content-policy', from: string): boolean => {
    const better = special(kind, from).filter((way) => way.model !== from);
    if (better.length === 0) return false;
    const names = new Set(better.map((way) => way.model));
    rest = [...rest.slice(0, 1), ...better, ...rest.slice(1).filter((way) => !names.has(way.model))];
    return true;
  };
  const retry = (way: ModelChoice, { failure, retryAfterMs = 0, freshEndpoint }: WayFailure): NextWay | undefined => {
    const allowed = settings.per[failure] ?? (RETRIED.has(failure) ? settings.attempts : 0);
    const used = settings.per[failure] === undefined ? retried : (counts.get(failure) ?? 0);
    if (used >= allowed) return undefined;
    if (!freshEndpoint && retryAfterMs > settings.maxRetryAfterMs) return undefined;
    // Another backend of the route is better than waiting for this one.
    if (failure === 'rateLimit' && !freshEndpoint && rest[1]?.role === 'backend') return undefined;
    const wait = backoffMs(retried, { baseMs: settings.backoffMs, maxMs: settings.maxBackoffMs, random });
    counts.set(failure, (counts.get(failure) ?? 0) + 1);
    retried += 1;
    return { way, delayMs: freshEndpoint ? 0 : Math.max(wait, retryAfterMs) };
  };

  return {
    current: () => rest[0],
    following: () => rest[1],
    skip: advance,
    next(problem) {
      const way = rest[0];
      if (way === undefined) return undefined;
      if (problem.failure === 'badRequest' && settings.per.badRequest === undefined) return undefined;
      if (problem.failure === 'contextWindow') {
        if (!detour('context-window', way.model)) rest = [way, ...rest.slice(1).filter((other) => isLarger(other.model, way.model))];
        return elsewhere();
      }
      if (problem.failure === 'contentPolicy') {
        detour('content-policy', way.model);
        return elsewhere();
      }
      return retry(way, problem) ?? (problem.failure === 'badRequest' ? undefined : elsewhere());
    },
  };
}
