import { describe, expect, it } from 'vitest';
import { formatDuration } from './duration.ts';
import { formatKrw, formatMoney, formatUsd, formatUsdBrief } from './money.ts';
import { formatBytes, formatCompact, formatNumber, formatPercent } from './number.ts';
import { formatAgo, formatMoment } from './time.ts';

describe('money', () => {
  it('keeps three significant figures of small amounts and two places of large ones', () => {
    expect(formatUsd(412.8, 'en')).toBe('$412.80');
    expect(formatUsd(0.00214, 'en')).toBe('$0.00214');
    expect(formatUsd(0.5, 'en')).toBe('$0.50');
    expect(formatUsd(0, 'en')).toBe('$0.00');
    expect(formatUsd(11_930.4, 'en')).toBe('$11,930');
  });

  it('never shows an amount as nothing', () => {
    expect(formatUsd(0.0000384, 'en')).toBe('$0.0000384');
    expect(formatUsd(-0.02, 'en')).toBe('-$0.02');
  });

  it('says less than a cent where there is little room, and leaves out cents that are none', () => {
    expect(formatUsdBrief(0.0000529, 'en')).toBe('<$0.01');
    expect(formatUsdBrief(0.0000529, 'ko')).toBe('<$0.01');
    expect(formatUsdBrief(0.01, 'en')).toBe('$0.01');
    expect(formatUsdBrief(100, 'en')).toBe('$100');
    expect(formatUsdBrief(412.8, 'en')).toBe('$412.80');
    expect(formatUsdBrief(0, 'en')).toBe('$0');
  });

  it('shows won beside dollars in Korean, when the platform gives a rate', () => {
    expect(formatMoney(0.00214, 'ko', 1372.5)).toBe('$0.00214 (₩2.9)');
    expect(formatMoney(400, 'ko', 1372.5)).toBe('$400.00 (₩549,000)');
    expect(formatMoney(400, 'ko', null)).toBe('$400.00');
    expect(formatMoney(400, 'en', 1372.5)).toBe('$400.00');
  });

  it('keeps a digit of small amounts of won', () => {
    expect(formatKrw(0.052, 'ko')).toBe('₩0.052');
  });
});

describe('numbers', () => {
  it('separate thousands and shorten large counts in the way of the language', () => {
    expect(formatNumber(12_340, 'en')).toBe('12,340');
    expect(formatCompact(12_400, 'en')).toBe('12.4K');
    expect(formatCompact(12_400, 'ko')).toBe('1.2만');
  });

  it('keep the digits of small shares', () => {
    expect(formatPercent(0.0008, 'en')).toBe('0.08%');
    expect(formatPercent(0.614, 'en')).toBe('61%');
    expect(formatPercent(0.614, 'en', 1)).toBe('61.4%');
    expect(formatPercent(0, 'en')).toBe('0%');
  });

  it('count bytes in binary units', () => {
    expect(formatBytes(512, 'en')).toBe('512 B');
    expect(formatBytes(4_812_331, 'en')).toBe('4.6 MiB');
  });
});

describe('durations', () => {
  it.each([
    [0.4, '0.4 ms'],
    [6.2, '6.2 ms'],
    [286, '286 ms'],
    [2410, '2.41 s'],
    [200_000, '3 min 20 s'],
    [7_200_000, '2 h'],
    [90_000_000, '1 d 1 h'],
  ])('%d ms is said as %s', (ms, said) => {
    expect(formatDuration(ms, 'en')).toBe(said);
  });

  it('uses Korean units', () => {
    expect(formatDuration(2410, 'ko')).toBe('2.41초');
    expect(formatDuration(200_000, 'ko')).toBe('3분 20초');
  });
});

describe('moments', () => {
  const now = new Date(2026, 8, 23, 14, 2, 11).getTime();

  it('shows the clock today and the day before that', () => {
    expect(formatMoment(now, 'en', now)).toBe('14:02:11');
    expect(formatMoment(now - 86_400_000, 'en', now)).toContain('Sep 22');
  });

  it('says how long ago', () => {
    expect(formatAgo(now - 180_000, 'en', now)).toBe('3 min. ago');
    expect(formatAgo(now - 180_000, 'ko', now)).toBe('3분 전');
    expect(formatAgo(now - 200, 'en', now)).toBe('now');
  });
});
