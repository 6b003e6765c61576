import { promptTokens, type Usage } from '@maru/api/records';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createPriceBook } from './price-book.ts';

const NOW_MS = Date.parse('2026-11-21T10:00:00Z');
const BUCKETS = ['inputTokens', 'cacheReadTokens', 'cacheWriteTokens', 'outputTokens', 'reasoningTokens'] as const;

const tokens = fc.nat(1_500_000);
const usages: fc.Arbitrary<Usage> = fc.record({
  inputTokens: tokens,
  cacheReadTokens: tokens,
  cacheWriteTokens: tokens,
  outputTokens: tokens,
  reasoningTokens: tokens,
});
/** Whole millionths of a dollar per million tokens: what vendors publish. */
const dollars = fc.integer({ min: 1, max: 100_000_000 }).map((micro) => micro / 1_000_000);
const rates = fc.record({ inputUsdPerMillion: dollars, outputUsdPerMillion: dollars, cacheReadUsdPerMillion: dollars, cacheWriteUsdPerMillion: dollars });
const book = createPriceBook();
const costOf = (usage: Usage, price: object): number => {
  const { costNanoUsd } = book.priceOf(usage, { provider: 'p', model: 'm', price: price as never }, NOW_MS);
  if (costNanoUsd === null) throw new Error('no price');
  return costNanoUsd;
};
const only = (usage: Usage, bucket: (typeof BUCKETS)[number]): Usage => ({
  inputTokens: 0,
  cacheReadTokens: 0,
  cacheWriteTokens: 0,
  outputTokens: 0,
  reasoningTokens: 0,
  [bucket]: usage[bucket],
});

describe('the price of a usage', () => {
  it('is the sum of its buckets, each counted once: nothing is in two of them, and nothing in none', () => {
    fc.assert(
      fc.property(usages, rates, (usage, price) => {
        const parts = BUCKETS.reduce((sum, bucket) => sum + costOf(only(usage, bucket), price), 0);

        // Each part is rounded by half a nano-dollar at most.
        expect(Math.abs(costOf(usage, price) - parts)).toBeLessThanOrEqual(3);
      }),
    );
  });

  it('is exact: that of whole numbers, rounded once', () => {
    fc.assert(
      fc.property(usages, rates, (usage, price) => {
        const microPer = (usd: number): bigint => BigInt(Math.round(usd * 1_000_000));
        // Micro-dollars per million tokens are pico-dollars per token; a nano-dollar is a thousand of them.
        const pico =
          BigInt(usage.inputTokens) * microPer(price.inputUsdPerMillion) +
          BigInt(usage.cacheReadTokens) * microPer(price.cacheReadUsdPerMillion) +
          BigInt(usage.cacheWriteTokens) * microPer(price.cacheWriteUsdPerMillion) +
          BigInt(usage.outputTokens + usage.reasoningTokens) * microPer(price.outputUsdPerMillion);
        const [whole, rest] = [pico / 1000n, pico % 1000n];
        const roundsUp = rest > 500n || (rest === 500n && whole % 2n === 1n);

        expect(costOf(usage, price)).toBe(Number(whole + (roundsUp ? 1n : 0n)));
      }),
    );
  });

  it('never falls when more is used', () => {
    fc.assert(
      fc.property(usages, rates, fc.constantFrom(...BUCKETS), fc.nat(1000), (usage, price, bucket, more) => {
        expect(costOf({ ...usage, [bucket]: (usage[bucket] ?? 0) + more }, price)).toBeGreaterThanOrEqual(costOf(usage, price));
      }),
    );
  });

  it('is that of one tier for the whole request, chosen by all tokens of the prompt, cached ones too', () => {
    fc.assert(
      fc.property(usages, rates, rates, fc.integer({ min: 1, max: 3_000_000 }), (usage, below, above, promptBorder) => {
        const price = { ...below, above: [{ promptTokens: promptBorder, ...above }] };

        expect(costOf(usage, price)).toBe(costOf(usage, promptTokens(usage) > promptBorder ? above : below));
      }),
    );
  });

  it('changes at the border of a tier and not one token before', () => {
    const price = { inputUsdPerMillion: 1, outputUsdPerMillion: 2, above: [{ promptTokens: 200_000, inputUsdPerMillion: 2, outputUsdPerMillion: 4 }] };
    const of = (inputTokens: number, cacheReadTokens = 0): number =>
      costOf({ inputTokens, cacheReadTokens, cacheWriteTokens: 0, outputTokens: 0, reasoningTokens: 0 }, price);

    expect([of(200_000), of(200_001)]).toEqual([200_000_000, 400_002_000]);
    expect([of(199_999, 1), of(200_000, 1)]).toEqual([200_000_000, 400_002_000]);
  });
});
