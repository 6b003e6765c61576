import type { Usage } from '@maru/api/records';

/** US dollars per million tokens of each bucket; null where the price list has no price for it. */
export interface Tariff {
  readonly inputUsdPerMillion: number | null;
  readonly cacheReadUsdPerMillion: number | null;
  readonly cacheWriteUsdPerMillion: number | null;
  readonly outputUsdPerMillion: number | null;
  readonly reasoningUsdPerMillion: number | null;
}

// A price in whole billionths of a dollar per million tokens: every published price is one.
const SCALE = 1_000_000_000;
const TOKENS_PER_PRICE = 1_000_000n;

/**
 * Cost of a usage in nano-US-dollars, exact in between and rounded once, half to even. Each bucket is counted once, at its
 * own price. Null when a bucket has tokens and no price.
 */
export function costOf(usage: Usage, tariff: Tariff): number | null {
  let scaled = 0n;
  for (const [tokens, price] of [
    [usage.inputTokens, tariff.inputUsdPerMillion],
    [usage.cacheReadTokens, tariff.cacheReadUsdPerMillion],
    [usage.cacheWriteTokens, tariff.cacheWriteUsdPerMillion],
    [usage.outputTokens, tariff.outputUsdPerMillion],
    [usage.reasoningTokens, tariff.reasoningUsdPerMillion],
  ] as const) {
    if (tokens === 0) continue;
    if (price === null) return null;
    scaled += BigInt(tokens) * BigInt(Math.round(price * SCALE));
  }
  return Number(divideHalfEven(scaled, TOKENS_PER_PRICE));
}

/** Division of non-negative integers; a remainder of exactly one half goes to the even neighbour, so that sums do not drift. */
export function divideHalfEven(dividend: bigint, divisor: bigint): bigint {
  const quotient = dividend / divisor;
  const twice = (dividend % divisor) * 2n;
  if (twice > divisor || (twice === divisor && quotient % 2n === 1n)) return quotient + 1n;
  return quotient;
}
