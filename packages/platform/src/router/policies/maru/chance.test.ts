import { describe, expect, it } from 'vitest';
import { chanceAbove, chanceBetween } from './chance.ts';

describe('chance', () => {
  it('is a half at the bound, and surer the better the prediction', () => {
    expect(chanceAbove(50, 50, 8)).toBe(0.5);
    expect(chanceAbove(45, 50, 60)).toBeLessThan(chanceAbove(45, 50, 8));
    expect(chanceAbove(1e300, 50, 60)).toBe(1);
  });

  it('is none without a bound', () => {
    expect(chanceAbove(1000, undefined, 8)).toBe(0);
    expect(chanceBetween(10, 1000, undefined)).toBe(0);
  });

  it('between two predictions is the share of what lies above', () => {
    expect(chanceBetween(40, 48, 50)).toBe(0);
    expect(chanceBetween(40, 60, 50)).toBeCloseTo(0.5, 1);
    expect(chanceBetween(52, 60, 50)).toBe(1);
    expect(chanceBetween(0, 0, 50)).toBe(0);
  });
});
