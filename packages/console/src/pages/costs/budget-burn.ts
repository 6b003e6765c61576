import type { BudgetState } from '@maru/api/wire';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Of a window that has only begun a pace says nothing. */
const LEAST_SHARE = 0.02;

const CALENDAR_MS: Readonly<Record<string, (resetsMs: number) => number>> = {
  hour: () => HOUR_MS,
  day: () => DAY_MS,
  week: () => 7 * DAY_MS,
  month: (resetsMs) => resetsMs - Date.UTC(new Date(resetsMs - 1).getUTCFullYear(), new Date(resetsMs - 1).getUTCMonth(), 1),
};

/**
 * When a budget is spent at the pace of its window until now: `outMs` is null where it lasts until it resets. Undefined for windows
 * without a beginning and for those that have only begun.
 */
export function budgetBurn(
  budget: Pick<BudgetState, 'window' | 'resetsMs' | 'spentNanoUsd' | 'limitNanoUsd'>,
  nowMs: number,
): { readonly outMs: number | null } | undefined {
  const { window, resetsMs, spentNanoUsd, limitNanoUsd } = budget;
  if (spentNanoUsd >= limitNanoUsd) return { outMs: nowMs };
  const length = resetsMs === null ? undefined : CALENDAR_MS[window]?.(resetsMs);
  if (resetsMs === null || length === undefined) return undefined;
  const passedMs = nowMs - (resetsMs - length);
  if (passedMs < length * LEAST_SHARE) return undefined;
  const outMs = spentNanoUsd === 0 ? Number.POSITIVE_INFINITY : nowMs + ((limitNanoUsd - spentNanoUsd) * passedMs) / spentNanoUsd;
  return { outMs: outMs < resetsMs ? outMs : null };
}
