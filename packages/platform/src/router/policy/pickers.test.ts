import { describe, expect, it } from 'vitest';
import { candidates, seeded } from '../__fixtures__/candidates.ts';
import { firstBestPicker, maxScorePicker, randomPicker } from './pickers.ts';
import { leastFirst, shareOf } from './scorers.ts';

describe('pickers', () => {
  it('take the highest total, equal ones with the same chance', () => {
    const random = seeded(2);
    const counts = [0, 0, 0, 0];
    for (let turn = 0; turn < 3000; turn += 1) {
      const index = maxScorePicker.pick([0.5, 1, 1, 1], candidates({}, {}, {}, {}), random);
      counts[index] = (counts[index] ?? 0) + 1;
    }

    expect(counts[0]).toBe(0);
    for (const count of counts.slice(1)) expect(Math.abs(count - 1000)).toBeLessThan(100);
  });

  it('take the first of equal ones by queue where chance is not wanted', () => {
    expect(firstBestPicker.pick([1, 1, 0], candidates({ queueMs: 5 }, { queueMs: 2 }, {}), seeded())).toBe(1);
    expect(firstBestPicker.pick([1, 1], candidates({}, {}), seeded())).toBe(0);
  });

  it('stay in range at the ends of chance', () => {
    expect(randomPicker.pick([0, 0], candidates({}, {}), () => 0)).toBe(0);
    expect(randomPicker.pick([0, 0], candidates({}, {}), () => 0.9999999999999999)).toBe(1);
  });
});

describe('scores', () => {
  it('run from the least to the most', () => {
    expect(leastFirst([10, 20, 15])).toEqual([1, 0, 0.5]);
    expect(leastFirst([3, 3])).toEqual([1, 1]);
  });

  it('are a share of the prompt, never above 1 and never of an empty prompt', () => {
    const [first] = candidates({ cachedTokens: 50 });
    expect([100, 25, 0].map((tokens) => (first === undefined ? -1 : shareOf(first, tokens)))).toEqual([0.5, 1, 0]);
  });
});
