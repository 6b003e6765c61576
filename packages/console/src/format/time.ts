import type { Language } from '../i18n/language.ts';
import { localeOf } from './number.ts';

const cache = new Map<string, Intl.DateTimeFormat>();

function timeFormat(language: Language, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = language + JSON.stringify(options);
  let format = cache.get(key);
  if (format === undefined) {
    format = new Intl.DateTimeFormat(localeOf(language), { hourCycle: 'h23', ...options });
    cache.set(key, format);
  }
  return format;
}

const CLOCK: Intl.DateTimeFormatOptions = { hour: '2-digit', minute: '2-digit', second: '2-digit' };
const DAY: Intl.DateTimeFormatOptions = { month: 'short', day: 'numeric' };

/** Clock time today, day and clock time before. */
export function formatMoment(atMs: number, language: Language, nowMs: number): string {
  const sameDay = new Date(atMs).toDateString() === new Date(nowMs).toDateString();
  return timeFormat(language, sameDay ? CLOCK : { ...DAY, hour: '2-digit', minute: '2-digit' }).format(atMs);
}

/** Everything, for a tooltip or a detail: `Sep 23, 2026, 14:02:11`. */
export const formatInstant = (atMs: number, language: Language): string => timeFormat(language, { year: 'numeric', ...DAY, ...CLOCK }).format(atMs);

export const formatDay = (atMs: number, language: Language): string => timeFormat(language, DAY).format(atMs);

export const formatClock = (atMs: number, language: Language): string => timeFormat(language, { hour: '2-digit', minute: '2-digit' }).format(atMs);

const STEPS: readonly (readonly [Intl.RelativeTimeFormatUnit, number])[] = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1000],
];

/** How long ago or ahead: `3 minutes ago`. */
export function formatAgo(atMs: number, language: Language, nowMs: number): string {
  const delta = atMs - nowMs;
  const format = new Intl.RelativeTimeFormat(localeOf(language), { numeric: 'auto', style: 'short' });
  for (const [unit, size] of STEPS) if (Math.abs(delta) >= size) return format.format(Math.trunc(delta / size), unit);
  return format.format(0, 'second');
}
