import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createVirtualClock } from './virtual-clock.ts';

describe('virtual clock', () => {
  it('fires timers in order of time, and those of one time in the order in which they were set', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(20), { maxLength: 100 }), (delays) => {
        const clock = createVirtualClock();
        const fired: [number, number][] = [];
        for (const [order, delay] of delays.entries()) clock.schedule(delay, () => void fired.push([clock.monotonicMs(), order]));

        clock.run();

        expect(fired).toEqual(delays.map((delay, order): [number, number] => [delay, order]).sort((left, right) => left[0] - right[0] || left[1] - right[1]));
      }),
    );
  });

  it('fires timers that are set by timers, and none that was cancelled', () => {
    const clock = createVirtualClock();
    const fired: number[] = [];
    const cancelled = clock.schedule(7, () => void fired.push(-1));
    clock.schedule(5, () => {
      cancelled.cancel();
      clock.schedule(10, () => void fired.push(clock.nowMs()));
      clock.schedule(-3, () => void fired.push(clock.nowMs()));
    });

    clock.run();

    expect(fired).toEqual([5, 15]);
    expect(clock.fired).toBe(3);
  });

  it('does not sleep', async () => {
    await expect(createVirtualClock().sleep(1)).rejects.toMatchObject({ code: 'not_supported' });
  });
});
