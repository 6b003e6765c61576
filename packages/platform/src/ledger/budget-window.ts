import type { BudgetSpec } from '@maru/api/resources';

export type BudgetWindow = BudgetSpec['window'];

/** Half-open: `startMs` belongs to the window, `endMs` to the next; `endMs` is undefined for `total`. */
export interface WindowSpan {
  readonly startMs: number;
  readonly endMs: number | undefined;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const WEEK_MS = 7 * DAY_MS;
// 1970-01-05 was the first Monday of the epoch.
const FIRST_MONDAY_MS = 4 * DAY_MS;

/** The calendar window in UTC that holds `atMs`; weeks begin on Monday, as in ISO 8601. */
export function windowAt(window: BudgetWindow, atMs: number): WindowSpan {
  switch (window) {
    case 'hour':
      return fixed(atMs, HOUR_MS, 0);
    case 'day':
      return fixed(atMs, DAY_MS, 0);
    case 'week':
      return fixed(atMs, WEEK_MS, FIRST_MONDAY_MS);
    case 'month': {
      const date = new Date(atMs);
      const [year, month] = [date.getUTCFullYear(), date.getUTCMonth()];
      return { startMs: Date.UTC(year, month, 1), endMs: Date.UTC(year, month + 1, 1) };
    }
    case 'total':
      return { startMs: 0, endMs: undefined };
  }
}

// UTC days have no leap seconds in POSIX time, so these windows are plain multiples.
function fixed(atMs: number, lengthMs: number, originMs: number): WindowSpan {
  const startMs = originMs + Math.floor((atMs - originMs) / lengthMs) * lengthMs;
  return { startMs, endMs: startMs + lengthMs };
}

/** Beginning of the hour that holds `atMs`. */
export const hourOf = (atMs: number): number => Math.floor(atMs / HOUR_MS) * HOUR_MS;
