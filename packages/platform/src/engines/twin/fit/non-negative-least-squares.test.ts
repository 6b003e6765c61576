import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nonNegativeLeastSquares } from './non-negative-least-squares.ts';

const figure = fc.double({ min: -3, max: 3, noNaN: true });
const system = fc.tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 4, max: 9 })).chain(([columns, rows]) =>
  fc.record({
    rows: fc.array(fc.array(figure, { minLength: columns, maxLength: columns }), { minLength: rows, maxLength: rows }),
    values: fc.array(figure, { minLength: rows, maxLength: rows }),
  }),
);
const residual = (rows: readonly (readonly number[])[], values: readonly number[], x: readonly number[]): number =>
  rows.reduce((sum, row, index) => sum + (row.reduce((dot, value, column) => dot + value * (x[column] ?? 0), 0) - (values[index] ?? 0)) ** 2, 0);

describe('non-negative least squares', () => {
  it('finds the exact answer where there is one', () => {
    expect(
      nonNegativeLeastSquares(
        [
          [1, 0],
          [0, 1],
          [1, 1],
        ],
        [2, 3, 5],
      ),
    ).toEqual([expect.closeTo(2, 10), expect.closeTo(3, 10)]);
  });

  it('holds a figure at zero that would be negative', () => {
    expect(
      nonNegativeLeastSquares(
        [
          [1, 0],
          [0, 1],
        ],
        [2, -3],
      ),
    ).toEqual([2, 0]);
  });

  it('stays at zero where nothing can be told', () => {
    expect(
      nonNegativeLeastSquares(
        [
          [0, 0],
          [0, 0],
        ],
        [1, 2],
      ),
    ).toEqual([0, 0]);
  });

  it('is never negative, and no small step in any direction does better', () => {
    fc.assert(
      fc.property(system, ({ rows, values }) => {
        const x = nonNegativeLeastSquares(rows, values);
        const least = residual(rows, values, x);

        for (const [column, value] of x.entries()) {
          expect(value).toBeGreaterThanOrEqual(0);
          for (const step of [1e-3, -1e-3]) {
            if (value + step < 0) continue;
            const moved = x.map((other, index) => (index === column ? other + step : other));
            expect(residual(rows, values, moved)).toBeGreaterThanOrEqual(least - 1e-7);
          }
        }
      }),
    );
  });
});
