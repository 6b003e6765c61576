import { describe, expect, it } from 'vitest';
import { createFakeClock } from './clock.ts';
import { repeat } from './repeat.ts';

describe('repeat', () => {
  it('works every so often until it is stopped, also after a failure', async () => {
    const clock = createFakeClock();
    let runs = 0;
    const repetition = repeat(clock, 100, async () => {
      runs += 1;
      if (runs === 2) throw new RangeError('a bad run');
    });
    await clock.advance(350);
    expect(runs).toBe(3);
    await repetition.stop();
    await clock.advance(1000);
    expect(runs).toBe(3);
    expect(clock.pending()).toBe(0);
  });

  it('waits for a run in progress when it stops, and never runs twice at once', async () => {
    const clock = createFakeClock();
    let [now, most] = [0, 0];
    let finish = (): void => undefined;
    const repetition = repeat(clock, 100, () => {
      now += 1;
      most = Math.max(most, now);
      return new Promise<void>((resolve) => {
        finish = () => {
          now -= 1;
          resolve();
        };
      });
    });
    await clock.advance(150);
    let stopped = false;
    const stopping = repetition.stop().then(() => {
      stopped = true;
    });
    await clock.advance(500);
    expect([stopped, most]).toEqual([false, 1]);
    finish();
    await stopping;
    expect(stopped).toBe(true);
  });
});
