import { describe, expect, it } from 'vitest';
import { createPassModel } from './pass-model.ts';
import { solve } from './solve.ts';

describe('systems of equations', () => {
  it('are solved, also where a pivot is zero', () => {
    const [x = 0, y = 0] = solve(
      [
        [0, 2],
        [2, 1],
      ],
      [4, 5],
      0,
    );

    expect([x, y]).toEqual([1.5, 2]);
  });

  it('give zero for what they do not tell', () => {
    expect(
      solve(
        [
          [0, 0],
          [0, 0],
        ],
        [0, 0],
        0,
      ),
    ).toEqual([0, 0]);
  });
});

describe('the model of passes', () => {
  it('finds the plane that the times lie on', () => {
    const model = createPassModel();
    for (let step = 0; step < 40; step += 1) {
      const [prefillTokens, decodeTokens] = [(step * 317) % 4000, (step * 911) % 50_000];
      model.observe({ prefillTokens, decodeTokens, wallMs: 8 + prefillTokens * 0.03 + decodeTokens * 0.0002 });
    }

    expect(model.wallMs(2000, 10_000)).toBeCloseTo(70, 1);
  });

  it('never says that more work takes less time', () => {
    const model = createPassModel();
    for (let step = 0; step < 40; step += 1) model.observe({ prefillTokens: step, decodeTokens: 0, wallMs: 100 - step });

    expect(model.wallMs(4000, 0)).toBeGreaterThanOrEqual(model.wallMs(0, 0));
  });
});
