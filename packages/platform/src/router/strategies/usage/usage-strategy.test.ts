import { describe, expect, it } from 'vitest';
import { backends, strategyRequest } from '../__fixtures__/backends.ts';
import { usageStrategy } from './usage-strategy.ts';

describe('usage', () => {
  it('takes the backend with the most room under its limits', () => {
    const choice = usageStrategy.choose(strategyRequest(), backends({ rpm: 100, usedRequests: 79 }, { rpm: 10, usedRequests: 3 }), () => 0.5);
    expect(choice).toMatchObject({ index: 1, why: '40% of its limit' });
  });

  it('looks at the tighter one of requests and tokens, with this request', () => {
    const tight = { rpm: 1000, tpm: 1000, usedTokens: 600 };
    expect(usageStrategy.choose(strategyRequest(), backends(tight, { rpm: 10, usedRequests: 6 }), () => 0.5)).toMatchObject({
      index: 1,
      why: '70% of its limit',
    });
  });

  it('puts a backend without limits in the middle', () => {
    expect(usageStrategy.choose(strategyRequest(), backends({}, { rpm: 10, usedRequests: 8 }), () => 0.5)).toMatchObject({ index: 0, why: 'no limit' });
    expect(usageStrategy.choose(strategyRequest(), backends({}, { rpm: 10 }), () => 0.5).index).toBe(1);
  });
});
