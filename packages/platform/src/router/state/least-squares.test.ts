import { describe, expect, it } from 'vitest';
import { createRandom } from '#time';
import { LeastSquares } from './least-squares.ts';

describe('least squares', () => {
  it('begin with the guess', () => {
    const law = new LeastSquares([10, 2]);

    expect([law.at(0), law.at(1), law.predict([1, 3])]).toEqual([10, 2, 16]);
  });

  it('come to a law that is far from the guess, through noise', () => {
    const random = createRandom(3);
    const law = new LeastSquares([15, 0.04, 1.2e-6]);
    for (let turn = 0; turn < 800; turn += 1) {
      const [tokens, pairs] = [random() * 20_000, random() * 2e8];
      law.learn([1, tokens, pairs], (40 + tokens * 0.2 + pairs * 6e-6) * (0.9 + 0.2 * random()));
    }

    expect(law.predict([1, 10_000, 5e7]) / (40 + 2000 + 300)).toBeCloseTo(1, 1);
    expect(law.at(1)).toBeCloseTo(0.2, 1);
  });

  it('follow a law that changes', () => {
    const law = new LeastSquares([10]);
    for (let turn = 0; turn < 300; turn += 1) law.learn([1], 20);
    for (let turn = 0; turn < 2000; turn += 1) law.learn([1], 8);

    expect(law.at(0)).toBeCloseTo(8, 0);
  });

  it('stay within their range whatever they are told', () => {
    const law = new LeastSquares([10, 1]);
    for (const value of [Number.POSITIVE_INFINITY, 1e30, 0, -5, 1e9]) for (let turn = 0; turn < 50; turn += 1) law.learn([1, 5], value);

    for (const [index, guess] of [10, 1].entries()) {
      expect(law.at(index)).toBeGreaterThanOrEqual(guess / 30);
      expect(law.at(index)).toBeLessThanOrEqual(guess * 30);
    }
  });

  it.each<[string, (random: () => number) => number[]]>([
    ['that never change', () => [1, 5, 1000]],
    ['of which one changes', (random) => [1, 4 + random(), 1000]],
    ['that change together', (random) => [1, ...[random()].flatMap((share) => [10 * share, 2000 * share])]],
  ])('stay a law after 200,000 samples of features %s', (_what, featuresOf) => {
    const random = createRandom(7);
    const law = new LeastSquares([6, 0.1, 0.0001]);
    for (let turn = 0; turn < 200_000; turn += 1) law.learn(featuresOf(random), 12 + random());

    expect(law.predict(featuresOf(random)) / 12.5).toBeCloseTo(1, 0);
    for (let turn = 0; turn < 2000; turn += 1) law.learn(featuresOf(random), 24 + random());
    expect(law.predict(featuresOf(random)) / 24.5).toBeCloseTo(1, 0);
  });

  it('never learn what was guessed as nothing', () => {
    const law = new LeastSquares([0, 1]);
    law.learn([1, 1], 3);

    expect(law.at(0)).toBe(0);
  });
});
