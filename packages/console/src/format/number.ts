import type { Language } from '../i18n/language.ts';

const LOCALE: Readonly<Record<Language, string>> = { en: 'en-US', ko: 'ko-KR' };
const cache = new Map<string, Intl.NumberFormat>();

/** Intl formatters are slow to make and are kept. */
export function numberFormat(language: Language, options: Intl.NumberFormatOptions): Intl.NumberFormat {
  const key = language + JSON.stringify(options);
  let format = cache.get(key);
  if (format === undefined) {
    format = new Intl.NumberFormat(LOCALE[language], options);
    cache.set(key, format);
  }
  return format;
}

export const localeOf = (language: Language): string => LOCALE[language];

/** A whole or short decimal number: `12,340`, `0.94`. */
export const formatNumber = (value: number, language: Language, digits = 0): string => numberFormat(language, { maximumFractionDigits: digits }).format(value);

/** For side bars and axes: `12.4K`, in Korean `1.2만`. */
export const formatCompact = (value: number, language: Language): string =>
  numberFormat(language, { notation: 'compact', maximumFractionDigits: 1 }).format(value);

/** A share from 0 to 1 as percent; small shares keep their digits so that 0.08% is not 0%. */
export function formatPercent(share: number, language: Language, digits?: number): string {
  const percent = share * 100;
  const fraction = digits ?? (percent === 0 || percent >= 10 ? 0 : percent >= 1 ? 1 : 2);
  return numberFormat(language, { style: 'percent', maximumFractionDigits: fraction }).format(share);
}

const BYTE_UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const;

/** Bytes in binary units: `4.2 MiB`. */
export function formatBytes(bytes: number, language: Language): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < BYTE_UNITS.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${formatNumber(value, language, unit === 0 || value >= 100 ? 0 : 1)} ${BYTE_UNITS[unit] ?? 'B'}`;
}
