import type { Language } from '../i18n/language.ts';
import { numberFormat } from './number.ts';

/** Digits after the point that keep about three significant figures of an amount, never fewer than two below ten thousand. */
function digitsFor(amount: number): number {
  const size = Math.abs(amount);
  if (size >= 10_000) return 0;
  if (size === 0 || size >= 1) return 2;
  return Math.min(8, Math.max(2, 2 - Math.floor(Math.log10(size))));
}

/** US dollars: `$412.80`, `$0.00214`. */
export function formatUsd(usd: number, language: Language): string {
  const digits = digitsFor(usd);
  const text = numberFormat(language, {
    style: 'currency',
    currency: 'USD',
    currencyDisplay: 'narrowSymbol',
    minimumFractionDigits: Math.min(2, digits),
    maximumFractionDigits: digits,
  }).format(usd);
  return text.replace('US$', '$');
}

const CENT = 0.01;

/** For a place of few letters: `<$0.01` for less than a cent, no cents where there are none (`$100`), else as {@link formatUsd}. */
export function formatUsdBrief(usd: number, language: Language): string {
  if (usd > 0 && usd < CENT) return `<${formatUsd(CENT, language)}`;
  return formatUsd(usd, language).replace(/\.00$/, '');
}

/** Won, with one digit below ten: `₩2.9`, `₩551,000`. */
export function formatKrw(krw: number, language: Language): string {
  const digits = Math.abs(krw) < 10 && krw !== 0 ? (Math.abs(krw) < 0.1 ? 3 : 1) : 0;
  return numberFormat(language, { style: 'currency', currency: 'KRW', currencyDisplay: 'narrowSymbol', maximumFractionDigits: digits }).format(krw);
}

/** Dollars, and won in brackets for Korean readers where the platform gives a rate. */
export function formatMoney(usd: number, language: Language, krwPerUsd: number | null): string {
  const dollars = formatUsd(usd, language);
  return language === 'ko' && krwPerUsd !== null ? `${dollars} (${formatKrw(usd * krwPerUsd, language)})` : dollars;
}
