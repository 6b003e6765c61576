import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createSlidingWindow } from './sliding-window.ts';

const MINUTE = 60_000;

/** Requests with the time since the one before, and an amount. */
const traffic = fc.array(fc.record({ gapMs: fc.oneof(fc.nat(50), fc.nat(20_000), fc.nat(90_000)), amount: fc.integer({ min: 1, max: 20 }) }), {
  maxLength: 200,
});

describe('sliding window', () => {
  it('never lets more than the limit into any minute, and refuses only what would be too much', () => {
    fc.assert(
      fc.property(traffic, fc.integer({ min: 1, max: 60 }), (requests, limit) => {
        const window = createSlidingWindow();
        const taken: { atMs: number; amount: number }[] = [];
        let nowMs = 0;
        for (const { gapMs, amount } of requests) {
          nowMs += gapMs;
          const inWindow = taken.filter((each) => each.atMs > nowMs - MINUTE).reduce((sum, each) => sum + each.amount, 0);
          expect(window.used(nowMs)).toBe(inWindow);
          const fits = window.waitMs(amount, limit, nowMs) === 0;
          expect(fits).toBe(inWindow + amount <= limit);
          if (!fits) continue;
          window.add(amount, nowMs);
          taken.push({ atMs: nowMs, amount });
        }
      }),
    );
  });

  it('says exactly how long to wait: then it fits, and a millisecond earlier it does not', () => {
    fc.assert(
      fc.property(traffic, fc.integer({ min: 20, max: 60 }), (requests, limit) => {
        const window = createSlidingWindow();
        let nowMs = 0;
        for (const { gapMs, amount } of requests) {
          nowMs += gapMs;
          const waitMs = window.waitMs(amount, limit, nowMs);
          if (waitMs > 0) {
            expect(window.waitMs(amount, limit, nowMs + waitMs - 1)).toBeGreaterThan(0);
            nowMs += waitMs;
            expect(window.waitMs(amount, limit, nowMs)).toBe(0);
          }
          window.add(amount, nowMs);
        }
      }),
    );
  });

  it('never fits what is more than the limit alone', () => {
    expect(createSlidingWindow().waitMs(11, 10, 0)).toBe(Number.POSITIVE_INFINITY);
  });

  it('counts what was really used once it is known', () => {
    const window = createSlidingWindow();
    const entry = window.add(100, 0);
    window.correct(entry, 30);

    expect(window.used(1)).toBe(30);
    expect(window.used(MINUTE)).toBe(0);
  });

  it('ignores a correction that comes after the minute', () => {
    const window = createSlidingWindow();
    const entry = window.add(100, 0);
    window.used(MINUTE);
    window.correct(entry, 500);

    expect(window.used(MINUTE)).toBe(0);
  });

  it('stays right over many more entries than it keeps', () => {
    const window = createSlidingWindow();
    for (let second = 0; second < 20_000; second += 1) window.add(1, second * 1000);

    expect(window.used(19_999_000)).toBe(60);
  });
});
