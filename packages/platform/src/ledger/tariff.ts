import { RARE_BUCKETS, type RareBucket, type Usage } from '@maru/api/records';

/** US dollars per million tokens of each bucket; null where the price list has no price for it. */
export interface Tariff {
  readonly inputUsdPerMillion: number | null;
  readonly cacheReadUsdPerMillion: number | null;
  readonly cacheWriteUsdPerMillion: number | null;
  readonly outputUsdPerMillion: number | null;
  readonly reasoningUsdPerMillion: number | null;
  /** US dollars per million tokens or characters, thousand searches, image or second of the buckets that only some calls have; no price where absent. */
  readonly rare?: Readonly<Partial<Record<RareBucket, number>>>;
}

/** How many units of a rare bucket its price is for: a million tokens or characters, a thousand searches, one image, one second. */
const UNITS_PER_PRICE: Readonly<Record<RareBucket, number>> = Object.freeze({
  cacheWriteLongTokens: 1_000_000,
  audioInputTokens: 1_000_000,
  audioOutputTokens: 1_000_000,
  imageInputTokens: 1_000_000,
  imageOutputTokens: 1_000_000,
  images: 1,
  mediaMs: 1000,
  characters: 1_000_000,
  searchUnits: 1000,
  webSearches: 1000,
});

// A price in whole billionths of a dollar per million tokens: every published price is one.
const SCALE = 1_000_000_000;
const TOKENS_PER_PRICE = 1_000_000;

/**
 * Cost of a usage in nano-US-dollars, exact in between and rounded once, half to even. Each bucket is counted once, at its
 * own price. Null when a bucket holds something and has no price.
 */
export function costOf(usage: Usage, tariff: Tariff): number | null {
  return costInNumbers(usage, tariff) ?? costInBigInts(usage, tariff);
}

/** The same, where every product and the sum are whole numbers that a double holds exactly, which is nearly always; undefined otherwise. */
function costInNumbers(usage: Usage, tariff: Tariff): number | undefined {
  for (const bucket of RARE_BUCKETS) if (usage[bucket] !== undefined) return undefined;
  const scaled =
    scaledCost(usage.inputTokens, tariff.inputUsdPerMillion) +
    scaledCost(usage.cacheReadTokens, tariff.cacheReadUsdPerMillion) +
    scaledCost(usage.cacheWriteTokens, tariff.cacheWriteUsdPerMillion) +
    scaledCost(usage.outputTokens, tariff.outputUsdPerMillion) +
    scaledCost(usage.reasoningTokens, tariff.reasoningUsdPerMillion);
  // A sum of exact parts that is safe itself was never rounded on the way.
  if (!Number.isSafeInteger(scaled)) return undefined;
  const rest = scaled % TOKENS_PER_PRICE;
  const quotient = (scaled - rest) / TOKENS_PER_PRICE;
  const roundsUp = 2 * rest > TOKENS_PER_PRICE || (2 * rest === TOKENS_PER_PRICE && quotient % 2 === 1);
  return roundsUp ? quotient + 1 : quotient;
}

/** NaN where there is no price, or where the product is not exact. */
function scaledCost(tokens: number, price: number | null): number {
  if (tokens === 0) return 0;
  const product = price === null ? Number.NaN : tokens * Math.round(price * SCALE);
  return Number.isSafeInteger(product) ? product : Number.NaN;
}

function costInBigInts(usage: Usage, tariff: Tariff): number | null {
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
  for (const bucket of RARE_BUCKETS) {
    const amount = usage[bucket];
    if (amount === undefined || amount === 0) continue;
    const price = tariff.rare?.[bucket];
    if (price === undefined) return null;
    scaled += BigInt(amount) * BigInt(Math.round(price * SCALE)) * BigInt(TOKENS_PER_PRICE / UNITS_PER_PRICE[bucket]);
  }
  return Number(divideHalfEven(scaled, BigInt(TOKENS_PER_PRICE)));
}

/** Division of non-negative integers; a remainder of exactly one half goes to the even neighbour, so that sums do not drift. */
export function divideHalfEven(dividend: bigint, divisor: bigint): bigint {
  const quotient = dividend / divisor;
  const twice = (dividend % divisor) * 2n;
  if (twice > divisor || (twice === divisor && quotient % 2n === 1n)) return quotient + 1n;
  return quotient;
}
