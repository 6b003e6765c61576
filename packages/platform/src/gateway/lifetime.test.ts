import { PlatformError } from '@maru/api/errors';
import { describe, expect, it } from 'vitest';
import { createFakeClock } from '#time';
import { Lifetime } from './lifetime.ts';

const gone = (): PlatformError => new PlatformError('cancelled', { message: 'gone' });

describe('Lifetime', () => {
  it('aborts the running attempt, with the first reason', () => {
    const lifetime = new Lifetime(createFakeClock());
    const time = lifetime.begin();
    const seen: string[] = [];
    time.onAbort((reason) => seen.push(reason.code));

    lifetime.end(gone());
    lifetime.end(new PlatformError('shutting_down', { message: 'later' }));

    expect(time.signal.aborted).toBe(true);
    expect(seen).toEqual(['cancelled']);
    expect(lifetime.reason?.code).toBe('cancelled');
    expect(() => lifetime.check()).toThrow('gone');
  });

  it('aborts an attempt that begins after its end', () => {
    const lifetime = new Lifetime(createFakeClock());
    lifetime.end(gone());

    const time = lifetime.begin({ timeoutMs: 1000 });
    const seen: string[] = [];
    time.onAbort((reason) => seen.push(reason.code));

    expect(time.signal.aborted).toBe(true);
    expect(seen).toEqual(['cancelled']);
  });

  it('leaves a finished attempt alone', () => {
    const lifetime = new Lifetime(createFakeClock());
    const time = lifetime.begin();
    time.end();

    lifetime.end(gone());

    expect(time.signal.aborted).toBe(false);
  });

  it('ends at the deadline', async () => {
    const clock = createFakeClock();
    const lifetime = new Lifetime(clock);
    lifetime.setDeadline(1000);

    await clock.advance(999);
    expect(lifetime.reason).toBeUndefined();
    await clock.advance(2);

    expect(lifetime.reason?.code).toBe('upstream_timeout');
  });

  it('counts silence from the last sign of life', async () => {
    const clock = createFakeClock();
    const lifetime = new Lifetime(clock);
    const time = lifetime.begin({ timeoutMs: 1000 });

    await clock.advance(900);
    time.touch();
    await clock.advance(900);
    expect(time.signal.aborted).toBe(false);
    await clock.advance(200);

    expect(time.signal.aborted).toBe(true);
    expect(lifetime.reason).toBeUndefined();
  });

  it('wakes from its sleep when it ends', async () => {
    const clock = createFakeClock();
    const lifetime = new Lifetime(clock);

    const sleeping = lifetime.sleep(60_000);
    lifetime.end(gone());
    await sleeping;
    await lifetime.sleep(60_000);

    expect(clock.pending()).toBe(0);
  });

  it('leaves no timer behind', () => {
    const clock = createFakeClock();
    const lifetime = new Lifetime(clock);
    lifetime.setDeadline(1000);
    const time = lifetime.begin({ timeoutMs: 1000 });

    time.end();
    lifetime.close();

    expect(clock.pending()).toBe(0);
  });

  it('ends an attempt that has shown nothing in time, although it sends signs of life', async () => {
    const clock = createFakeClock();
    const time = new Lifetime(clock).begin({ timeoutMs: 1000, attemptMs: 2500 });
    for (let turn = 0; turn < 4; turn += 1) {
      await clock.advance(600);
      time.touch();
    }
    expect(time.signal.aborted).toBe(false);

    await clock.advance(200);

    expect(time.signal.reason).toMatchObject({ code: 'upstream_timeout', message: 'the engine showed nothing within 2500 ms' });
  });

  it('takes a shorter silence for a stall once something was shown', async () => {
    const clock = createFakeClock();
    const time = new Lifetime(clock).begin({ timeoutMs: 5000, attemptMs: 1000, stallMs: 300 });
    await clock.advance(500);
    time.shown();
    await clock.advance(250);
    time.touch();
    await clock.advance(250);
    expect(time.signal.aborted).toBe(false);

    await clock.advance(100);

    expect(time.signal.reason).toMatchObject({ message: 'the engine was silent for 300 ms' });
    expect(clock.pending()).toBe(0);
  });

  it('aborts two attempts that run beside each other', () => {
    const lifetime = new Lifetime(createFakeClock());
    const [first, second] = [lifetime.begin(), lifetime.begin()];

    lifetime.end(gone());

    expect([first.signal.aborted, second.signal.aborted]).toEqual([true, true]);
  });
});
