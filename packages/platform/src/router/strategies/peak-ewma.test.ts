import { describe, expect, it } from 'vitest';
import { addSample } from './peak-ewma.ts';

describe('a peak EWMA', () => {
  it('takes a slower sample at once', () => {
    expect(addSample({ valueMs: 100, atMs: 0 }, 900, 5)).toEqual({ valueMs: 900, atMs: 5 });
    expect(addSample(undefined, 40, 5)).toEqual({ valueMs: 40, atMs: 5 });
  });

  it('comes down with time, not with the number of samples', () => {
    const soon = addSample({ valueMs: 900, atMs: 0 }, 100, 1);
    const later = addSample({ valueMs: 900, atMs: 0 }, 100, 30_000);

    expect(soon.valueMs).toBeGreaterThan(890);
    expect(later.valueMs).toBeLessThan(150);
  });

  it('stays between its samples', () => {
    let mean = addSample(undefined, 500, 0);
    for (let turn = 1; turn < 200; turn += 1) {
      mean = addSample(mean, 100 + (turn % 7) * 50, turn * 500);
      expect(mean.valueMs >= 100 && mean.valueMs <= 500).toBe(true);
    }
  });
});
