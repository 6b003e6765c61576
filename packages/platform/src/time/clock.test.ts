import { describe, expect, it } from 'vitest';
import { backoffMs, createFakeClock, createIds, createRandom, createSeededIds, createSystemClock } from './index.ts';

describe('the fake clock', () => {
  it('fires timers in the order of their due times, and lets promises run in between', async () => {
    const clock = createFakeClock(0);
    const seen: string[] = [];
    clock.schedule(20, () => seen.push(`b at ${clock.nowMs()}`));
    clock.schedule(10, () => seen.push(`a at ${clock.nowMs()}`));
    void clock.sleep(15).then(() => seen.push(`slept until ${clock.nowMs()}`));

    await clock.advance(30);

    expect(seen).toEqual(['a at 10', 'slept until 15', 'b at 20']);
    expect(clock.nowMs()).toBe(30);
    expect(clock.pending()).toBe(0);
  });

  it('fires timers that timers set', async () => {
    const clock = createFakeClock(0);
    const seen: number[] = [];
    const tick = (): void => {
      seen.push(clock.nowMs());
      if (seen.length < 3) clock.schedule(10, tick);
    };
    clock.schedule(10, tick);

    await clock.advance(100);

    expect(seen).toEqual([10, 20, 30]);
  });

  it('does not fire a cancelled timer', async () => {
    const clock = createFakeClock(0);
    let fired = false;
    clock
      .schedule(10, () => {
        fired = true;
      })
      .cancel();

    await clock.advance(20);

    expect(fired).toBe(false);
  });

  it('rejects a sleep that is aborted, and forgets its timer', async () => {
    const clock = createFakeClock(0);
    const controller = new AbortController();
    const slept = clock.sleep(10, controller.signal);
    controller.abort(new DOMException('stop', 'AbortError'));

    await expect(slept).rejects.toThrow('stop');
    expect(clock.pending()).toBe(0);
  });
});

describe('the system clock', () => {
  it('sleeps', async () => {
    const clock = createSystemClock();
    const before = clock.monotonicMs();

    await clock.sleep(1);

    expect(clock.monotonicMs()).toBeGreaterThanOrEqual(before);
  });

  it('rejects at once when the signal was aborted before', async () => {
    await expect(createSystemClock().sleep(10_000, AbortSignal.abort(new DOMException('gone', 'AbortError')))).rejects.toThrow('gone');
  });
});

describe('ids', () => {
  it('have the forms of W3C Trace Context', () => {
    for (const ids of [createIds(() => 1_800_000_000_000), createSeededIds(7)]) {
      expect(ids.traceId()).toMatch(/^[0-9a-f]{32}$/);
      expect(ids.spanId()).toMatch(/^[0-9a-f]{16}$/);
      expect(ids.random()).toBeLessThan(1);
      expect(ids.secret().length).toBeGreaterThanOrEqual(32);
    }
  });

  it('do not repeat', () => {
    const ids = createIds(() => 1_800_000_000_000);

    expect(new Set(Array.from({ length: 5000 }, () => ids.next('run'))).size).toBe(5000);
  });

  it('sort by time', () => {
    let nowMs = 1_800_000_000_000;
    const ids = createIds(() => nowMs);
    const earlier = ids.next('run');
    nowMs += 1000;

    expect(earlier < ids.next('run')).toBe(true);
  });

  it('are the same for the same seed', () => {
    const [left, right] = [createSeededIds(3), createSeededIds(3)];

    expect([left.next('a'), left.traceId(), left.random()]).toEqual([right.next('a'), right.traceId(), right.random()]);
  });
});

describe('chance and backoff', () => {
  it('spreads evenly enough', () => {
    const random = createRandom(1);
    const mean = Array.from({ length: 10_000 }, random).reduce((sum, value) => sum + value, 0) / 10_000;

    expect(mean).toBeGreaterThan(0.48);
    expect(mean).toBeLessThan(0.52);
  });

  it('doubles the ceiling up to the most', () => {
    const delays = [0, 1, 2, 3, 20].map((attempt) => backoffMs(attempt, { baseMs: 100, maxMs: 1000, random: () => 1 }));

    expect(delays).toEqual([100, 200, 400, 800, 1000]);
  });
});
