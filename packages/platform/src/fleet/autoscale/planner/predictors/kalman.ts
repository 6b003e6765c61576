import type { Predictor } from './predictor.ts';

/** Variances of the level's and the trend's own steps, in shares of the variance of a measurement. */
const LEVEL_STEP = 0.1;
const TREND_STEP = 0.01;

/** A Kalman filter over a level and its trend. */
export function createKalman(): Predictor {
  let level = 0;
  let trend = 0;
  /** Covariance of level and trend. */
  let [a, b, c] = [0, 0, 0];
  let seen = 0;
  return {
    observe: (value) => {
      seen += 1;
      if (seen === 1) {
        level = value;
        [a, b, c] = [1, 0, 1];
        return;
      }
      const ahead = level + trend;
      [a, b, c] = [a + 2 * b + c + LEVEL_STEP, b + c, c + TREND_STEP];
      const surprise = value - ahead;
      const gain = { level: a / (a + 1), trend: b / (a + 1) };
      level = ahead + gain.level * surprise;
      trend += gain.trend * surprise;
      [a, b, c] = [(1 - gain.level) * a, (1 - gain.level) * b, c - gain.trend * b];
    },
    next: () => Math.max(0, level + trend),
  };
}
