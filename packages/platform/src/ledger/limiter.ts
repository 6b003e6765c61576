import { PlatformError } from '@maru/api/errors';
import type { LimitsSpec } from '@maru/api/resources';
import { createSlidingWindow, type Entry } from './sliding-window.ts';

/** What one admitted request holds of a limiter. */
export interface LimiterHold {
  /** Ends the request; with the tokens that it really used, where known. */
  end(tokens?: number): void;
}

/** Requests and tokens per minute and requests at once, of one key or tenant in this process. */
export interface Limiter {
  /** Throws `rate_limited` with `retryAfterS`; takes nothing. */
  check(tokens: number, nowMs: number): void;
  take(tokens: number, nowMs: number): LimiterHold;
  setLimits(limits: LimitsSpec | undefined): void;
  /** `x-ratelimit-*`, as OpenAI names them. */
  headers(nowMs: number): Readonly<Record<string, string>>;
  /** True when nothing is remembered, so that the limiter can be dropped. */
  idle(nowMs: number): boolean;
}

export function createLimiter(name: string, initial: LimitsSpec | undefined): Limiter {
  const requests = createSlidingWindow();
  const tokensUsed = createSlidingWindow();
  let limits: LimitsSpec = initial ?? {};
  let running = 0;

  return {
    check(tokens, nowMs) {
      const { requestsPerMinute, tokensPerMinute, concurrentRequests } = limits;
      if (concurrentRequests !== undefined && running >= concurrentRequests)
        throw refuse(`${name} has ${running} requests at once, of ${concurrentRequests}`, 1000);
      if (requestsPerMinute !== undefined) {
        const waitMs = requests.waitMs(1, requestsPerMinute, nowMs);
        if (waitMs > 0) throw refuse(`${name} has used its ${requestsPerMinute} requests per minute`, waitMs);
      }
      if (tokensPerMinute !== undefined) {
        const waitMs = tokensUsed.waitMs(tokens, tokensPerMinute, nowMs);
        if (waitMs > 0) throw refuseTokens({ name, tokens, tokensPerMinute, waitMs });
      }
    },
    take(tokens, nowMs) {
      running += 1;
      if (limits.requestsPerMinute !== undefined) requests.add(1, nowMs);
      const entry: Entry | undefined = limits.tokensPerMinute === undefined ? undefined : tokensUsed.add(tokens, nowMs);
      return {
        end(used) {
          running -= 1;
          if (entry !== undefined && used !== undefined) tokensUsed.correct(entry, used);
        },
      };
    },
    setLimits(next) {
      limits = next ?? {};
    },
    headers(nowMs) {
      const { requestsPerMinute, tokensPerMinute } = limits;
      return {
        ...(requestsPerMinute === undefined ? {} : rateHeaders('requests', requestsPerMinute, requests.used(nowMs))),
        ...(tokensPerMinute === undefined ? {} : rateHeaders('tokens', tokensPerMinute, tokensUsed.used(nowMs))),
      };
    },
    idle: (nowMs) => running === 0 && requests.used(nowMs) === 0 && tokensUsed.used(nowMs) === 0,
  };
}

function refuseTokens(facts: { name: string; tokens: number; tokensPerMinute: number; waitMs: number }): PlatformError {
  const { name, tokens, tokensPerMinute, waitMs } = facts;
  if (Number.isFinite(waitMs)) return refuse(`${name} has used its ${tokensPerMinute} tokens per minute`, waitMs);
  return new PlatformError('rate_limited', {
    message: `the request may take ${tokens} tokens, more than the ${tokensPerMinute} per minute of ${name}: shorten it or lower max_tokens`,
  });
}

const rateHeaders = (what: string, limit: number, used: number): Record<string, string> => ({
  [`x-ratelimit-limit-${what}`]: `${limit}`,
  [`x-ratelimit-remaining-${what}`]: `${Math.max(0, limit - used)}`,
});

const refuse = (message: string, waitMs: number): PlatformError =>
  new PlatformError('rate_limited', { message: `${message}; try again later`, retryAfterS: Math.max(1, Math.ceil(waitMs / 1000)) });
