import type { Usage } from '@maru/api/records';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { costOf, divideHalfEven, type Tariff } from './tariff.ts';

const none: Usage = { inputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0, outputTokens: 0, reasoningTokens: 0 };
const buckets = ['inputTokens', 'cacheReadTokens', 'cacheWriteTokens', 'outputTokens', 'reasoningTokens'] as const;
const priceOfBucket = {
  inputTokens: 'inputUsdPerMillion',
  cacheReadTokens: 'cacheReadUsdPerMillion',
  cacheWriteTokens: 'cacheWriteUsdPerMillion',
  outputTokens: 'outputUsdPerMillion',
  reasoningTokens: 'reasoningUsdPerMillion',
} as const;
const tokens = fc.nat(2_000_000);
const usages: fc.Arbitrary<Usage> = fc.record({
  inputTokens: tokens,
  cacheReadTokens: tokens,
  cacheWriteTokens: tokens,
  outputTokens: tokens,
  reasoningTokens: tokens,
});
// Prices with up to four digits behind the point, as vendors publish them.
const prices = fc.integer({ min: 0, max: 2_000_000 }).map((units) => units / 10_000);
const tariffs: fc.Arbitrary<Tariff> = fc.record({
  inputUsdPerMillion: prices,
  cacheReadUsdPerMillion: prices,
  cacheWriteUsdPerMillion: prices,
  outputUsdPerMillion: prices,
  reasoningUsdPerMillion: prices,
});
const flat = (price: number | null): Tariff => ({
  inputUsdPerMillion: price,
  cacheReadUsdPerMillion: price,
  cacheWriteUsdPerMillion: price,
  outputUsdPerMillion: price,
  reasoningUsdPerMillion: price,
});

describe('cost of a usage', () => {
  it('is exact where a price is a whole number of nano-dollars per token', () => {
    const tariff: Tariff = { ...flat(0), inputUsdPerMillion: 0.25, cacheReadUsdPerMillion: 0.025, outputUsdPerMillion: 2 };

    expect(costOf({ ...none, inputTokens: 1000, cacheReadTokens: 400, outputTokens: 300 }, tariff)).toBe(250_000 + 10_000 + 600_000);
  });

  it('rounds once, half to even', () => {
    const half = { ...flat(0), inputUsdPerMillion: 0.0005 };

    expect([1, 2, 3, 5, 7].map((inputTokens) => costOf({ ...none, inputTokens }, half))).toEqual([0, 1, 2, 2, 4]);
  });

  it('is the same whether it is reckoned in doubles or in whole numbers of any size', () => {
    fc.assert(
      fc.property(usages, tariffs, fc.integer({ min: 1, max: 1_000_000 }), (usage, tariff, times) => {
        const many = Object.fromEntries(Object.entries(usage).map(([name, amount]) => [name, amount * times])) as unknown as Usage;
        // A bucket that only some calls have is reckoned in whole numbers of any size; here it holds nothing.
        for (const each of [usage, many]) expect(costOf(each, tariff)).toBe(costOf({ ...each, images: 0 }, tariff));
      }),
    );
  });

  it('counts every bucket exactly once: the whole is the sum of its buckets, but for the rounding of each', () => {
    fc.assert(
      fc.property(usages, tariffs, (usage, tariff) => {
        const whole = costOf(usage, tariff) ?? Number.NaN;
        const parts = buckets.map((bucket) => costOf({ ...none, [bucket]: usage[bucket] }, tariff) ?? Number.NaN);
        const sum = parts.reduce((left, right) => left + right, 0);
        expect(Math.abs(whole - sum)).toBeLessThanOrEqual(2);
      }),
    );
  });

  it('does not change when tokens move between buckets of the same price', () => {
    fc.assert(
      fc.property(usages, prices, (usage, price) => {
        const all = buckets.reduce((sum, bucket) => sum + usage[bucket], 0);
        for (const bucket of buckets) expect(costOf({ ...none, [bucket]: all }, flat(price))).toBe(costOf(usage, flat(price)));
      }),
    );
  });

  it('grows with every token of a bucket, and only by the price of that bucket', () => {
    fc.assert(
      fc.property(usages, tariffs, fc.constantFrom(...buckets), (usage, tariff, bucket) => {
        const more = { ...usage, [bucket]: usage[bucket] + 1_000_000 };
        const price = tariff[priceOfBucket[bucket]] ?? Number.NaN;
        expect((costOf(more, tariff) ?? Number.NaN) - (costOf(usage, tariff) ?? Number.NaN)).toBe(Math.round(price * 1e9));
      }),
    );
  });

  it('is null when a used bucket has no price, and known when it is empty', () => {
    const tariff = { ...flat(1), outputUsdPerMillion: null };

    expect(costOf({ ...none, inputTokens: 5, outputTokens: 1 }, tariff)).toBeNull();
    expect(costOf({ ...none, inputTokens: 5 }, tariff)).toBe(5000);
  });

  it('is never negative and always an integer', () => {
    fc.assert(
      fc.property(usages, tariffs, (usage, tariff) => {
        const cost = costOf(usage, tariff);
        expect(Number.isSafeInteger(cost) && (cost ?? -1) >= 0).toBe(true);
      }),
    );
  });
});

describe('division half to even', () => {
  it('is the nearest integer, and the even one of two equally near', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 10n ** 30n }), fc.bigInt({ min: 1n, max: 10n ** 12n }), (dividend, divisor) => {
        const quotient = divideHalfEven(dividend, divisor);
        const twiceAway = 2n * (dividend - quotient * divisor);
        expect(twiceAway <= divisor && -twiceAway <= divisor).toBe(true);
        if (twiceAway === divisor || -twiceAway === divisor) expect(quotient % 2n).toBe(0n);
      }),
    );
  });
});
