import { NANO_PER_USD, RARE_BUCKETS, type Usage, type UsageBucket, ZERO_USAGE } from '@maru/api/records';
import type { Model } from '@maru/api/resources';
import type { ModelPrice } from '@maru/api/wire';
import type { Ledger } from '#ledger';
import type { Clock } from '#time';
import { priceQueryOf } from '../ledger-ports.ts';

type Ask = (usage: Partial<Usage>) => { readonly costNanoUsd: number | null; readonly source: string | null };
type BucketPrices = ModelPrice['usd'];

const BUCKETS: readonly UsageBucket[] = ['inputTokens', 'cacheReadTokens', 'cacheWriteTokens', 'outputTokens', 'reasoningTokens', ...RARE_BUCKETS];
const TIERED: readonly UsageBucket[] = ['inputTokens', 'cacheReadTokens', 'cacheWriteTokens', 'outputTokens', 'reasoningTokens'];
/** How many units are asked for at once: few enough to stay below every tier of long prompts. */
const ASKED: Readonly<Partial<Record<UsageBucket, number>>> = { images: 1, mediaMs: 1000 };
const USUAL_ASKED = 1000;
/** Units that a listed price is for, where it is not a million. */
const PER: Readonly<Partial<Record<UsageBucket, number>>> = { images: 1, mediaMs: 1000, searchUnits: 1000, webSearches: 1000 };
const MILLION = 1_000_000;
/** Prompts between which a change of the price is looked for. */
const PROMPT_STEPS = [4_000, 16_000, 64_000, 192_000, 400_000, 1_000_000, 2_000_000] as const;
const HOUR_MS = 3_600_000;

/** The price of a Model by bucket, as the ledger would charge it now; null where no price is known. Kept for an hour of the clock. */
export function createListPrice({ ledger, clock }: { readonly ledger: Pick<Ledger, 'priceOf'>; readonly clock: Clock }): (model: Model) => ModelPrice | null {
  const known = new WeakMap<Model, { readonly hour: number; readonly price: ModelPrice | null }>();
  return (model) => {
    const hour = Math.floor(clock.nowMs() / HOUR_MS);
    const entry = known.get(model);
    if (entry?.hour === hour) return entry.price;
    const query = priceQueryOf(model);
    const price = readPrice((usage) => ledger.priceOf({ ...ZERO_USAGE, ...usage }, query), model);
    known.set(model, { hour, price });
    return price;
  };
}

function readPrice(ask: Ask, model: Model): ModelPrice | null {
  const source = BUCKETS.map((bucket) => ask({ [bucket]: 1 }).source).find((name) => name !== null);
  if (source === undefined || source === null) return null;
  return { source, usd: pricesAt(ask, BUCKETS, 0), above: readTiers(ask), batchPercent: model.spec.batchPercent ?? null };
}

/** Prices of requests whose prompt has so many tokens. */
function pricesAt(ask: Ask, buckets: readonly UsageBucket[], promptTokens: number): BucketPrices {
  const prompt = promptTokens === 0 ? 0 : ask({ inputTokens: promptTokens }).costNanoUsd;
  const prices: BucketPrices = {};
  for (const bucket of buckets) {
    const units = ASKED[bucket] ?? USUAL_ASKED;
    const usage = { inputTokens: promptTokens, [bucket]: units + (bucket === 'inputTokens' ? promptTokens : 0) };
    const cost = ask(usage).costNanoUsd;
    if (cost !== null && prompt !== null) prices[bucket] = Math.round((cost - prompt) * ((PER[bucket] ?? MILLION) / units)) / NANO_PER_USD;
  }
  return prices;
}

/** The lists do not say where their tiers begin: the price is asked for at growing prompts, and each change is narrowed down. */
function readTiers(ask: Ask): ModelPrice['above'] {
  const unitPrice = (tokens: number): number | null => {
    const cost = ask({ inputTokens: tokens }).costNanoUsd;
    return cost === null ? null : Math.round((cost / tokens) * 1000);
  };
  const tiers: ModelPrice['above'] = [];
  let low = USUAL_ASKED;
  for (const high of PROMPT_STEPS) {
    const [before, after] = [unitPrice(low), unitPrice(high)];
    if (before !== null && after !== null && before !== after) {
      const promptTokens = lastBefore({ low, high }, (tokens) => unitPrice(tokens) === before);
      tiers.push({ promptTokens, usd: pricesAt(ask, TIERED, promptTokens + 1) });
    }
    low = high;
  }
  return tiers;
}

/** The largest number for which something still holds that holds for `low` and not for `high`. */
function lastBefore(range: { readonly low: number; readonly high: number }, holds: (value: number) => boolean): number {
  let { low, high } = range;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (holds(middle)) low = middle;
    else high = middle;
  }
  return low;
}
