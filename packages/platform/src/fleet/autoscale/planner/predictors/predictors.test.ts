import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PREDICTORS, type PredictorName } from '../../scaling-spec.ts';
import { createPredictor } from './create-predictor.ts';

/** Mean error of the guesses of a series, after it has warmed up. */
function errorOf(name: PredictorName, series: readonly number[], season = 24): number {
  const predictor = createPredictor(name, season);
  const from = Math.min(series.length / 2, 2 * season);
  let error = 0;
  for (const [index, value] of series.entries()) {
    if (index >= from) error += Math.abs(predictor.next() - value);
    predictor.observe(value);
  }
  return error / (series.length - from);
}

const times = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

describe('predictors of load', () => {
  it.each(PREDICTORS)('%s guesses a load that stays, and 0 before any', (name) => {
    const predictor = createPredictor(name, 5);

    expect(predictor.next()).toBe(0);
    for (let count = 0; count < 30; count += 1) predictor.observe(7);
    expect(predictor.next()).toBeCloseTo(7, 2);
  });

  it.each(PREDICTORS)('%s never guesses a load below none, nor one that is no number', (name) => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 1e6, noNaN: true }), { maxLength: 80 }), (values) => {
        const predictor = createPredictor(name, 6);
        for (const value of values) {
          predictor.observe(value);
          const next = predictor.next();
          expect(Number.isFinite(next) && next >= 0).toBe(true);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('arima and kalman follow a load that climbs, where the last value stays behind', () => {
    const climb = times(60).map((time) => 10 + 3 * time);

    expect(errorOf('constant', climb)).toBeCloseTo(3, 5);
    expect(errorOf('arima', climb)).toBeLessThan(0.5);
    expect(errorOf('kalman', climb)).toBeLessThan(0.5);
  });

  it('arima follows a load that swings from one interval to the next', () => {
    const swing = times(80).map((time) => 50 + (time % 2 === 0 ? 20 : -20));

    expect(errorOf('arima', swing)).toBeLessThan(errorOf('constant', swing) / 10);
  });

  it('the seasonal one knows the time of day', () => {
    const days = times(24 * 8).map((time) => 100 + 80 * Math.sin((2 * Math.PI * time) / 24));

    expect(errorOf('seasonal', days)).toBeLessThan(errorOf('constant', days) / 4);
  });
});
