import { describe, expect, it } from 'vitest';
import { alignLines } from './line-points.ts';

describe('lines of a chart', () => {
  it('stand over the x of all of them, each passing over what is not its own', () => {
    const lines = [
      {
        label: 'a',
        points: [
          [1, 10],
          [3, 30],
        ] as const,
      },
      {
        label: 'b',
        points: [
          [2, 5],
          [3, null],
        ] as const,
        hollow: [true, false],
      },
    ];

    expect(alignLines(lines)).toEqual([
      [1, 2, 3],
      [10, undefined, 30],
      [undefined, undefined, undefined],
      [undefined, 5, null],
      [undefined, 5, undefined],
    ]);
  });

  it('are no columns where there are none', () => {
    expect(alignLines([])).toEqual([[]]);
  });
});
