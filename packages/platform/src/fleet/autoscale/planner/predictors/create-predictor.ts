import type { PredictorName } from '../../scaling-spec.ts';
import { createArima } from './arima.ts';
import { createConstant } from './constant.ts';
import { createKalman } from './kalman.ts';
import type { Predictor } from './predictor.ts';
import { createSeasonal } from './seasonal.ts';

/** A predictor by its name; `season` is the length of a season in values. */
export function createPredictor(name: PredictorName, season: number): Predictor {
  switch (name) {
    case 'constant':
      return createConstant();
    case 'arima':
      return createArima();
    case 'kalman':
      return createKalman();
    case 'seasonal':
      return createSeasonal(season);
  }
}
