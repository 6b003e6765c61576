import { describe, expect, it } from 'vitest';
import { toBudgets, toLimits, toModels, toMs } from './money-fields.ts';

describe("LiteLLM's fields about money and rates", () => {
  it('become budgets: by the calendar where LiteLLM uses it, else rolling, else for ever', () => {
    const windows = ['1h', '24h', '7d', '30d', '1mo', '12h', '90d', '30s', 'nonsense'].map(
      (budget_duration) => toBudgets({ max_budget: 1, budget_duration })[0]?.window,
    );

    expect(windows).toEqual(['hour', 'day', 'week', 'month', 'month', '12h', '90d', '1m', 'total']);
    expect(toBudgets({ max_budget: 1 })[0]?.window).toBe('total');
  });

  it('become soft budgets, several windows at once, and budgets of models', () => {
    const budgets = toBudgets({
      max_budget: 10,
      soft_budget: 8,
      budget_duration: '30d',
      budget_limits: [{ budget_duration: '1d', max_budget: 1 }],
      model_max_budget: { 'gpt-4o': { budget_limit: 2, time_period: '1d' }, small: 3 },
    });

    expect(budgets.map(({ usd, window, mode, models }) => [usd, window, mode, models])).toEqual([
      [10, 'month', 'hard', undefined],
      [8, 'month', 'soft', undefined],
      [1, 'day', 'hard', undefined],
      [2, 'day', 'hard', ['gpt-4o']],
      [3, 'month', 'hard', ['small']],
    ]);
  });

  it('become no budget and no limit where nothing is said, and a budget of zero stays one', () => {
    expect(toBudgets({})).toEqual([]);
    expect(toBudgets({ max_budget: 0 })[0]?.usd).toBe(0);
    expect(toLimits({ rpm_limit: null, tpm_limit: 0 })).toBeUndefined();
  });

  it('become limits, of models too', () => {
    expect(toLimits({ rpm_limit: 5, tpm_limit: 100, max_parallel_requests: 2, model_rpm_limit: { a: 1 }, model_tpm_limit: { a: 9, b: 8 } })).toEqual({
      requestsPerMinute: 5,
      tokensPerMinute: 100,
      concurrentRequests: 2,
      perModel: { a: { requestsPerMinute: 1, tokensPerMinute: 9 }, b: { tokensPerMinute: 8 } },
    });
  });

  it('allow all models for an empty list, and none for no-default-models', () => {
    expect(toModels([])).toBeUndefined();
    expect(toModels(['all-proxy-models', 'a'])).toBeUndefined();
    expect(toModels(['no-default-models'])).toEqual([]);
    expect(toModels(['a', 'b/*'])).toEqual(['a', 'b/*']);
  });

  it('are lengths of time', () => {
    expect(['30s', '2m', '1h', '30d', '1w', '', 'x'].map(toMs)).toEqual([30_000, 120_000, 3_600_000, 2_592_000_000, 604_800_000, undefined, undefined]);
  });
});
