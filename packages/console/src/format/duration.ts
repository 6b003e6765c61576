import type { Language } from '../i18n/language.ts';
import { formatNumber } from './number.ts';

const UNITS: Readonly<Record<Language, { readonly ms: string; readonly s: string; readonly min: string; readonly h: string; readonly d: string }>> = {
  en: { ms: ' ms', s: ' s', min: ' min', h: ' h', d: ' d' },
  ko: { ms: ' ms', s: '초', min: '분', h: '시간', d: '일' },
};

/** A length of time in the unit that a person would say: `286 ms`, `2.41 s`, `3 min 20 s`. */
export function formatDuration(ms: number, language: Language): string {
  const unit = UNITS[language];
  if (ms < 1) return `${formatNumber(ms, language, 2)}${unit.ms}`;
  if (ms < 10) return `${formatNumber(ms, language, 1)}${unit.ms}`;
  if (ms < 1000) return `${formatNumber(Math.round(ms), language)}${unit.ms}`;
  if (ms < 60_000) return `${formatNumber(ms / 1000, language, 2)}${unit.s}`;
  const pair = (big: number, bigUnit: string, small: number, smallUnit: string): string =>
    small === 0 ? `${formatNumber(big, language)}${bigUnit}` : `${formatNumber(big, language)}${bigUnit} ${formatNumber(small, language)}${smallUnit}`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 3600) return pair(Math.floor(seconds / 60), unit.min, seconds % 60, unit.s);
  const minutes = Math.round(seconds / 60);
  if (minutes < 1440) return pair(Math.floor(minutes / 60), unit.h, minutes % 60, unit.min);
  const hours = Math.round(minutes / 60);
  return pair(Math.floor(hours / 24), unit.d, hours % 24, unit.h);
}
