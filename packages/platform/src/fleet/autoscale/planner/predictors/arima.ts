import { solve } from '../solve.ts';
import type { Predictor } from './predictor.ts';

const MOST_VALUES = 64;
const MOST_LAGS = 3;
const RIDGE = 1e-6;
/** With fewer values than this, the last one is as good a guess as any. */
const LEAST_VALUES = 6;

/**
 * Autoregression with an intercept on the values or on their differences, of up to three lags: whichever explains the last 64
 * values best for its number of weights (AIC). The moving average of ARIMA is left out.
 */
export function createArima(): Predictor {
  const values: number[] = [];
  return {
    observe: (value) => {
      values.push(value);
      if (values.length > MOST_VALUES) values.shift();
    },
    next: () => Math.max(0, predict(values)),
  };
}

function predict(values: readonly number[]): number {
  const last = values.at(-1) ?? 0;
  if (values.length < LEAST_VALUES) return last;
  const steps = values.slice(1).map((value, index) => value - (values[index] ?? 0));
  let best = { aic: Number.POSITIVE_INFINITY, value: last };
  for (const { series, add } of [
    { series: values, add: 0 },
    { series: steps, add: last },
  ]) {
    for (let lags = 0; lags <= MOST_LAGS; lags += 1) {
      const fit = autoregression(series, lags);
      if (fit.aic < best.aic) best = { aic: fit.aic, value: fit.next + add };
    }
  }
  // A model may not promise more than twice what was ever seen.
  return Math.min(best.value, 2 * Math.max(...values));
}

/** Every order is judged on the same values, those that the longest one can explain. */
function autoregression(series: readonly number[], lags: number): { readonly aic: number; readonly next: number } {
  const rowAt = (end: number): readonly number[] => [1, ...Array.from({ length: lags }, (_, lag) => series[end - 1 - lag] ?? 0)];
  const size = lags + 1;
  const sums = Array.from({ length: size }, () => new Array<number>(size).fill(0));
  const right = new Array<number>(size).fill(0);
  const ends = Array.from({ length: series.length - MOST_LAGS }, (_, index) => index + MOST_LAGS);
  for (const end of ends) {
    const row = rowAt(end);
    for (const [i, left] of row.entries()) {
      right[i] = (right[i] ?? 0) + left * (series[end] ?? 0);
      const line = sums[i] ?? [];
      for (const [j, other] of row.entries()) line[j] = (line[j] ?? 0) + left * other;
    }
  }
  const weights = solve(sums, right, RIDGE);
  const apply = (end: number): number => rowAt(end).reduce((sum, value, index) => sum + value * (weights[index] ?? 0), 0);
  const error = ends.reduce((sum, end) => sum + (apply(end) - (series[end] ?? 0)) ** 2, 0);
  return { aic: ends.length * Math.log(error / ends.length + 1e-9) + 2 * size, next: apply(series.length) };
}
