import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createFakeClock } from '#time';
import { createStoreTime } from './store-time.ts';

describe('the clock of the store', () => {
  it('is that of this machine until the store has been heard', () => {
    const clock = createFakeClock(5_000_000);

    expect(createStoreTime(clock).nowMs()).toBe(5_000_000);
  });

  it('is known as well as the answer was quick, however wrong the clock of this machine is', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: -86_400_000, max: 86_400_000 }),
        fc.array(fc.tuple(fc.nat(500), fc.nat(500), fc.nat(5000)), { minLength: 1, maxLength: 12 }),
        async (wrongMs, exchanges) => {
          const clock = createFakeClock(1_800_000_000_000);
          const truth = (): number => clock.monotonicMs() + wrongMs;
          const time = createStoreTime(clock);
          for (const [there, back, idle] of exchanges) {
            const sent = clock.monotonicMs();
            await clock.advance(there);
            const storeMs = truth();
            await clock.advance(back);
            time.learn({ storeMs, sent, received: clock.monotonicMs() });
            await clock.advance(idle);

            expect(Math.abs(time.nowMs() - truth())).toBeLessThanOrEqual(time.errorMs() + 1);
            expect(time.at(clock.monotonicMs())).toBe(time.nowMs());
          }
        },
      ),
    );
  });

  it('does not jump while answers agree with what is believed', async () => {
    const clock = createFakeClock(1_800_000_000_000);
    const time = createStoreTime(clock);
    time.learn({ storeMs: 1_800_000_700_000, sent: clock.monotonicMs(), received: clock.monotonicMs() });
    const before = time.nowMs();

    const sent = clock.monotonicMs();
    await clock.advance(100);
    time.learn({ storeMs: 1_800_000_700_050, sent, received: clock.monotonicMs() });

    expect(time.nowMs()).toBe(before + 100);
  });

  it('is less certain the longer the store was not heard', async () => {
    const clock = createFakeClock(0);
    const time = createStoreTime(clock);
    time.learn({ storeMs: 0, sent: 0, received: 0 });
    const errors: number[] = [];
    for (let minute = 0; minute < 5; minute += 1) {
      errors.push(time.errorMs());
      await clock.advance(60_000);
    }

    expect(errors).toEqual(errors.toSorted((left, right) => left - right));
    expect(new Set(errors).size).toBe(errors.length);
  });
});
