import { describe, expect, it } from 'vitest';
import { createLimiter } from './limiter.ts';

describe('limiter', () => {
  it('refuses the request over the rate and says when to come again', () => {
    const limiter = createLimiter('key "a"', { requestsPerMinute: 2 });
    limiter.take(0, 0);
    limiter.take(0, 10_500);

    expect(() => limiter.check(0, 20_000)).toThrow(
      expect.objectContaining({ code: 'rate_limited', retryAfterS: 40, message: expect.stringContaining('key "a" has used its 2 requests per minute') }),
    );
    expect(limiter.headers(20_000)).toEqual({ 'x-ratelimit-limit-requests': '2', 'x-ratelimit-remaining-requests': '0' });
    expect(() => limiter.check(0, 60_000)).not.toThrow();
  });

  it('counts tokens by estimate, then by what was used', () => {
    const limiter = createLimiter('tenant "a"', { tokensPerMinute: 1000 });
    const hold = limiter.take(900, 0);
    expect(() => limiter.check(200, 1)).toThrow(expect.objectContaining({ code: 'rate_limited', retryAfterS: 60 }));

    hold.end(100);

    expect(() => limiter.check(900, 1)).not.toThrow();
    expect(limiter.headers(1)).toEqual({ 'x-ratelimit-limit-tokens': '1000', 'x-ratelimit-remaining-tokens': '900' });
  });

  it('says that a request alone is too large, without a time to wait', () => {
    const limiter = createLimiter('tenant "a"', { tokensPerMinute: 1000 });

    expect(() => limiter.check(1001, 0)).toThrow(
      expect.objectContaining({ code: 'rate_limited', retryAfterS: undefined, message: expect.stringContaining('1001') }),
    );
  });

  it('bounds requests at once, and frees a place at the end of one', () => {
    const limiter = createLimiter('key "a"', { concurrentRequests: 1 });
    const hold = limiter.take(0, 0);
    expect(() => limiter.check(0, 0)).toThrow(expect.objectContaining({ code: 'rate_limited', retryAfterS: 1 }));

    hold.end();

    expect(() => limiter.check(0, 0)).not.toThrow();
  });

  it('follows changed limits and keeps what it has counted', () => {
    const limiter = createLimiter('tenant "a"', { requestsPerMinute: 5 });
    limiter.take(0, 0);
    limiter.take(0, 0);

    limiter.setLimits({ requestsPerMinute: 2 });
    expect(() => limiter.check(0, 1)).toThrow(expect.objectContaining({ code: 'rate_limited' }));

    limiter.setLimits(undefined);
    expect(() => limiter.check(0, 1)).not.toThrow();
  });

  it('is idle once nothing runs and the minute is over', () => {
    const limiter = createLimiter('key "a"', { requestsPerMinute: 5 });
    const hold = limiter.take(0, 0);
    expect(limiter.idle(60_000)).toBe(false);
    hold.end();
    expect([limiter.idle(59_999), limiter.idle(60_000)]).toEqual([false, true]);
  });
});
