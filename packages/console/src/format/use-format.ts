import { NANO_PER_USD } from '@maru/api/records';
import { useMemo } from 'react';
import { useKrwRate } from '../api/session.ts';
import { useLanguage } from '../i18n/index.ts';
import { formatDuration } from './duration.ts';
import { formatMoney, formatUsd, formatUsdBrief } from './money.ts';
import { formatBytes, formatCompact, formatNumber, formatPercent } from './number.ts';
import { formatAgo, formatDay, formatInstant, formatMoment } from './time.ts';

/** A dash stands for what is not known; it is never shown as zero. */
const UNKNOWN = '–';

const known =
  <Value>(format: (value: Value) => string) =>
  (value: Value | null | undefined): string =>
    value === null || value === undefined ? UNKNOWN : format(value);

function createFormat(language: Parameters<typeof formatNumber>[1], krwPerUsd: number | null) {
  return {
    language,
    number: known((value: number) => formatNumber(value, language)),
    decimal: (value: number | null | undefined, digits: number) => known((number: number) => formatNumber(number, language, digits))(value),
    compact: known((value: number) => formatCompact(value, language)),
    percent: known((share: number) => formatPercent(share, language)),
    percentExact: known((share: number) => formatPercent(share, language, 1)),
    bytes: known((bytes: number) => formatBytes(bytes, language)),
    duration: known((ms: number) => formatDuration(ms, language)),
    usd: known((usd: number) => formatUsd(usd, language)),
    usdBrief: known((usd: number) => formatUsdBrief(usd, language)),
    nano: known((nano: number) => formatUsd(nano / NANO_PER_USD, language)),
    money: known((usd: number) => formatMoney(usd, language, krwPerUsd)),
    nanoMoney: known((nano: number) => formatMoney(nano / NANO_PER_USD, language, krwPerUsd)),
    moment: known((atMs: number) => formatMoment(atMs, language, Date.now())),
    ago: known((atMs: number) => formatAgo(atMs, language, Date.now())),
    instant: known((atMs: number) => formatInstant(atMs, language)),
    day: known((atMs: number) => formatDay(atMs, language)),
  };
}

export type Format = ReturnType<typeof createFormat>;

/** Formatters of the chosen language and of the platform's exchange rate. */
export function useFormat(): Format {
  const language = useLanguage();
  const rate = useKrwRate();
  return useMemo(() => createFormat(language, rate), [language, rate]);
}
