import { describe, expect, it } from 'vitest';
import { budgetBurn } from './budget-burn.ts';

const HOUR_MS = 3_600_000;
const midnight = Date.UTC(2026, 10, 22);
const day = { window: 'day', resetsMs: midnight, limitNanoUsd: 100 } as const;

describe('the pace of a budget', () => {
  it('says when the money is gone, where that is before the reset', () => {
    expect(budgetBurn({ ...day, spentNanoUsd: 80 }, midnight - 12 * HOUR_MS)).toEqual({ outMs: midnight - 9 * HOUR_MS });
    expect(budgetBurn({ ...day, spentNanoUsd: 20 }, midnight - 12 * HOUR_MS)).toEqual({ outMs: null });
    expect(budgetBurn({ ...day, spentNanoUsd: 0 }, midnight - 12 * HOUR_MS)).toEqual({ outMs: null });
  });

  it('says that it is gone', () => {
    expect(budgetBurn({ ...day, spentNanoUsd: 100 }, 7)).toEqual({ outMs: 7 });
    expect(budgetBurn({ window: 'total', resetsMs: null, limitNanoUsd: 1, spentNanoUsd: 2 }, 7)).toEqual({ outMs: 7 });
  });

  it('says nothing where a window has no beginning or has only begun', () => {
    expect(budgetBurn({ window: 'total', resetsMs: null, limitNanoUsd: 10, spentNanoUsd: 2 }, 7)).toBeUndefined();
    expect(budgetBurn({ window: '30d', resetsMs: midnight, limitNanoUsd: 10, spentNanoUsd: 2 }, 7)).toBeUndefined();
    expect(budgetBurn({ ...day, spentNanoUsd: 2 }, midnight - 24 * HOUR_MS + 60_000)).toBeUndefined();
  });

  it('knows how long a month is', () => {
    const march = { window: 'month', resetsMs: Date.UTC(2026, 2, 1), limitNanoUsd: 28, spentNanoUsd: 20 } as const;

    expect(budgetBurn(march, Date.UTC(2026, 1, 11))).toEqual({ outMs: Date.UTC(2026, 1, 15) });
  });
});
