import { formatClock, formatDay } from '../../format/time.ts';
import type { Language } from '../../i18n/language.ts';

const TWO_DAYS_MS = 172_800_000;

/** Clock times for a short span, days for a long one. */
export const formatTick =
  (language: Language) =>
  (atMs: number, spanMs: number): string =>
    spanMs > TWO_DAYS_MS ? formatDay(atMs, language) : formatClock(atMs, language);
