import { describe, expect, it } from 'vitest';
import { parseScaling } from './parse-scaling.ts';

describe('the name of a way to scale', () => {
  it('is that of a policy, with words for the planner', () => {
    expect(parseScaling('keda')).toEqual({ policy: 'keda' });
    expect(parseScaling('dynamo-planner')).toEqual({ policy: 'dynamo-planner' });
    expect(parseScaling('dynamo-planner:kalman')).toMatchObject({ planner: { predictor: 'kalman' } });
    expect(parseScaling('dynamo-planner:load:arima')).toMatchObject({ planner: { predictor: 'arima', loops: 'load' } });
  });

  it.each(['', 'hpa', 'keda:kalman', 'dynamo-planner:prophet', 'dynamo-planner:kalman:arima', 'dynamo-planner:'])('is not %j', (text) => {
    expect(() => parseScaling(text)).toThrow(/is no way to scale; use fixed, hpa-queue/);
  });
});
