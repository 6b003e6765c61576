import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRandom } from '#time';
import { parseLengths } from './parse-lengths.ts';

const draws = (text: string, count = 4000): number[] => {
  const random = createRandom(7);
  const lengths = parseLengths(text);
  return Array.from({ length: count }, () => lengths.draw(random));
};
const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

describe('lengths', () => {
  it('are always the same for one number', () => {
    expect(new Set(draws('1024', 50))).toEqual(new Set([1024]));
  });

  it('reach both ends of a uniform spread and nothing beyond', () => {
    const values = draws('uniform:3-6');

    expect([...new Set(values)].sort()).toEqual([3, 4, 5, 6]);
  });

  it('have the mean of a normal and the median of a lognormal spread', () => {
    expect(mean(draws('normal:1000:100'))).toBeCloseTo(1000, -2);
    expect(draws('lognormal:1000:0.6').sort((left, right) => left - right)[2000]).toBeGreaterThan(950);
    expect(draws('lognormal:1000:0.6').sort((left, right) => left - right)[2000]).toBeLessThan(1050);
  });

  it('are whole and at least one token, whatever the spread', () => {
    fc.assert(
      fc.property(fc.constantFrom('uniform:1-9', 'normal:2:50', 'lognormal:1:3', '1'), fc.integer(), (text, seed) => {
        const length = parseLengths(text).draw(createRandom(seed));

        expect(Number.isInteger(length) && length >= 1).toBe(true);
      }),
    );
  });

  it.each(['', '0', '-5', 'many', 'uniform:5', 'uniform:9-3', 'uniform:1-', 'normal:10', 'normal:a:b', 'poisson:4:4', '1:2', '1e99', 'normal:1:2:3'])(
    'refuse "%s" and say what is wanted',
    (text) => {
      expect(() => parseLengths(text)).toThrow(expect.objectContaining({ code: 'usage', message: expect.stringContaining('uniform:128-2048') as string }));
    },
  );
});
