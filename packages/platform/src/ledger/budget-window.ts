import type { BudgetSpec } from '@maru/api/resources';

/** `hour`, `day`, `week`, `month` (calendar, UTC), `total`, or a length of time such as `30d`, which rolls. */
export type BudgetWindow = BudgetSpec['window'];

/** Half-open: `startMs` belongs to the window, `endMs` to the next; `endMs` is undefined for `total`. */
export interface WindowSpan {
  readonly startMs: number;
  readonly endMs: number | undefined;
}

/** A window that rolls on in steps: it holds the step of now and the `steps - 1` steps before it. */
export interface RollingWindow {
  readonly stepMs: number;
  readonly steps: number;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const WEEK_MS = 7 * DAY_MS;
// 1970-01-05 was the first Monday of the epoch.
const FIRST_MONDAY_MS = 4 * DAY_MS;
const UNIT_MS: Readonly<Record<string, number>> = { m: MINUTE_MS, h: HOUR_MS, d: DAY_MS };
const STEPS = 60;

/** How a length of time rolls on: in sixtieths. Undefined for calendar windows and `total`. */
export function rollingOf(window: BudgetWindow): RollingWindow | undefined {
  const match = /^(\d+)([mhd])$/.exec(window);
  if (match === null) return undefined;
  return { stepMs: (Number(match[1]) * (UNIT_MS[match[2] ?? ''] ?? 0)) / STEPS, steps: STEPS };
}

/** The calendar window in UTC that holds `atMs`, weeks from Monday as in ISO 8601; for a window that rolls, its step. */
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
    default: {
      const rolling = rollingOf(window);
      return rolling === undefined ? { startMs: 0, endMs: undefined } : fixed(atMs, rolling.stepMs, 0);
    }
  }
}

// UTC days have no leap seconds in POSIX time, so these windows are plain multiples.
function fixed(atMs: number, lengthMs: number, originMs: number): WindowSpan {
  const startMs = originMs + Math.floor((atMs - originMs) / lengthMs) * lengthMs;
  return { startMs, endMs: startMs + lengthMs };
}

/** Beginning of the hour that holds `atMs`. */
export const hourOf = (atMs: number): number => Math.floor(atMs / HOUR_MS) * HOUR_MS;

/** Beginning of the day (UTC) that holds `atMs`. */
export const dayOf = (atMs: number): number => Math.floor(atMs / DAY_MS) * DAY_MS;
