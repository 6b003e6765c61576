import { isPlatformError } from '@maru/api/errors';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Clock, createFakeClock, type FakeClock } from '#time';
import { LoadShedder } from './load-shedder.ts';

/** A clock whose timers fire late, as those of a busy thread do. */
function lateClock(): { clock: Clock; fake: FakeClock; late: { ms: number } } {
  const fake = createFakeClock();
  const late = { ms: 0 };
  return { fake, late, clock: { ...fake, schedule: (delayMs, callback) => fake.schedule(delayMs + late.ms, callback) } };
}

/** So many calls that run that a further one may be refused. */
function busy(clock: Clock): LoadShedder {
  const shedder = new LoadShedder(clock);
  for (let call = 0; call < 64; call += 1) shedder.enter();
  return shedder;
}

/** Of `count` calls that all end at once, how many were admitted. */
function admitted(shedder: LoadShedder, count: number): number {
  let taken = 0;
  for (let call = 0; call < count; call += 1) {
    try {
      shedder.enter();
      taken += 1;
    } catch (error) {
      expect(isPlatformError(error, 'overloaded') && error.retryAfterS).toBe(1);
    }
  }
  for (let call = 0; call < taken; call += 1) shedder.leave();
  return taken;
}

describe('the load shedder', () => {
  it('admits everything while the thread keeps up, for as long as it likes', async () => {
    const { clock, fake } = lateClock();
    const shedder = new LoadShedder(clock);
    for (let second = 0; second < 20; second += 1) {
      expect(admitted(shedder, 500)).toBe(500);
      await fake.advance(1000);
    }
  });

  it('leaves no timer behind when nothing runs', () => {
    const { clock, fake } = lateClock();
    admitted(new LoadShedder(clock), 3);
    expect(fake.pending()).toBe(0);
  });

  it('takes a single pause for what it is', async () => {
    const { clock, fake, late } = lateClock();
    const shedder = busy(clock);
    late.ms = 2000;
    await fake.advance(100);
    late.ms = 0;
    await fake.advance(2000);
    expect(shedder.share).toBe(1);
  });

  it('never refuses the first few calls, however late the thread is', async () => {
    const { clock, fake, late } = lateClock();
    const shedder = new LoadShedder(clock);
    shedder.enter();
    late.ms = 500;
    await fake.advance(30_000);
    for (let call = 1; call < 64; call += 1) shedder.enter();
    expect(() => shedder.enter()).toThrow('more calls than it can answer');
  });

  it('refuses the more the later the thread is, evenly, and never everything', async () => {
    const { clock, fake, late } = lateClock();
    const shedder = busy(clock);
    late.ms = 200;
    await fake.advance(1000);
    expect(shedder.share).toBeLessThan(0.5);
    await fake.advance(20_000);
    expect(shedder.share).toBeCloseTo(0.02);
    const gaps: number[] = [];
    let since = 0;
    for (let call = 0; call < 1000; call += 1) {
      since += 1;
      try {
        shedder.enter();
        gaps.push(since);
        since = 0;
      } catch {}
    }
    expect(Math.max(...gaps.slice(1)) - Math.min(...gaps.slice(1))).toBeLessThanOrEqual(1);
    expect(gaps.length).toBeGreaterThanOrEqual(19);
  });

  it('admits everything again within three seconds of the end of an overload', async () => {
    const { clock, fake, late } = lateClock();
    const shedder = busy(clock);
    late.ms = 500;
    await fake.advance(30_000);
    late.ms = 0;
    await fake.advance(3500);
    expect(shedder.share).toBe(1);
  });

  it('recovers also when nothing comes', async () => {
    const { clock, fake, late } = lateClock();
    const shedder = busy(clock);
    late.ms = 500;
    await fake.advance(30_000);
    for (let call = 0; call < 64; call += 1) shedder.leave();
    late.ms = 0;
    await fake.advance(5000);
    expect(admitted(shedder, 100)).toBe(100);
  });

  it('admits its share of any number of calls, to one', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(400), { maxLength: 30 }), fc.integer({ min: 1, max: 500 }), async (lateness, calls) => {
        const { clock, fake, late } = lateClock();
        const shedder = busy(clock);
        for (const ms of lateness) {
          late.ms = ms;
          await fake.advance(50 + ms);
        }
        const { share } = shedder;

        expect(share).toBeGreaterThanOrEqual(0.02);
        expect(share).toBeLessThanOrEqual(1);
        expect(Math.abs(admitted(shedder, calls) - share * calls)).toBeLessThanOrEqual(2);
      }),
    );
  });
});
