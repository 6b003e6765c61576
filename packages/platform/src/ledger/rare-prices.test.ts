import { RARE_BUCKETS } from '@maru/api/records';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { usageOf } from './__fixtures__/open-ledger.ts';
import { createPriceBook } from './price-book.ts';
import { costOf } from './tariff.ts';

const NOW = Date.parse('2026-11-21T12:00:00Z');
const book = createPriceBook();
const base = { inputUsdPerMillion: 1, outputUsdPerMillion: 2 };

describe('prices of what only some calls use', () => {
  it.each([
    [{ images: 3 }, { usdPerImage: 0.04 }, 120_000_000],
    [{ mediaMs: 1500 }, { usdPerSecond: 0.0001 }, 150_000],
    [{ characters: 1000 }, { charactersUsdPerMillion: 15 }, 15_000_000],
    [{ searchUnits: 2 }, { searchUnitsUsdPerThousand: 2 }, 4_000_000],
    [{ webSearches: 1 }, { webSearchesUsdPerThousand: 10 }, 10_000_000],
    [{ audioInputTokens: 100 }, { audioInputUsdPerMillion: 40 }, 4_000_000],
    [{ cacheWriteLongTokens: 100 }, { cacheWriteLongUsdPerMillion: 6 }, 600_000],
  ])('%j at %j is %i nano-dollars', (usage, price, expected) => {
    expect(book.priceOf(usageOf(usage), { provider: 'p', model: 'm', price: { ...base, ...price } }, NOW).costNanoUsd).toBe(expected);
  });

  it('is unknown, never zero, where one bucket has no price', () => {
    for (const bucket of RARE_BUCKETS) {
      const usage = usageOf({ inputTokens: 5, [bucket]: 1 });

      expect(book.priceOf(usage, { provider: 'p', model: 'm', price: base }, NOW)).toEqual({ costNanoUsd: null, source: null });
    }
  });

  it('knows the price of an hour of cache from the vendor, and the tier above 200k tokens for all of a request', () => {
    const claude = { provider: 'anthropic', model: 'claude-sonnet-4-5' };

    expect(book.priceOf(usageOf({ cacheWriteLongTokens: 1000 }), claude, NOW).costNanoUsd).toBe(6_000_000);
    expect(book.priceOf(usageOf({ inputTokens: 100_000, cacheReadTokens: 101_000, outputTokens: 10 }), claude, NOW).costNanoUsd).toBe(
      100_000 * 6000 + 101_000 * 600 + 10 * 22_500,
    );
  });

  it('takes the highest tier that is passed from a price of our own', () => {
    const price = {
      ...base,
      above: [200_000, 100_000].map((promptTokens) => ({ promptTokens, inputUsdPerMillion: promptTokens / 50_000, outputUsdPerMillion: 9 })),
    };
    const cost = (inputTokens: number) => book.priceOf(usageOf({ inputTokens }), { provider: 'p', model: 'm', price }, NOW).costNanoUsd;

    expect([cost(100_000), cost(100_001), cost(200_001)]).toEqual([100_000_000, 200_002_000, 800_004_000]);
  });

  it('counts each bucket once: the parts of a usage cost what the whole costs', () => {
    const amount = fc.nat(1_000_000);
    const tariff = {
      inputUsdPerMillion: 1,
      cacheReadUsdPerMillion: 2,
      cacheWriteUsdPerMillion: 3,
      outputUsdPerMillion: 4,
      reasoningUsdPerMillion: 5,
      rare: Object.fromEntries(RARE_BUCKETS.map((bucket, index) => [bucket, index + 6])),
    };
    const names = ['inputTokens', 'cacheReadTokens', 'cacheWriteTokens', 'outputTokens', 'reasoningTokens', ...RARE_BUCKETS] as const;
    fc.assert(
      fc.property(fc.tuple(...names.map(() => amount)), (amounts) => {
        const whole = usageOf(Object.fromEntries(names.map((name, index) => [name, amounts[index] ?? 0])));
        const parts = names.map((name) => costOf(usageOf({ [name]: whole[name] ?? 0 }), tariff) ?? Number.NaN);

        expect(costOf(whole, tariff)).toBe(parts.reduce((sum, cost) => sum + cost, 0));
      }),
    );
  });
});
