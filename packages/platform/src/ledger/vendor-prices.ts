import { createRequire } from 'node:module';
import { promptTokens, RARE_BUCKETS, type RareBucket, type Usage } from '@maru/api/records';
import type * as GenaiPrices from '@pydantic/genai-prices';
import library from './data/genai-prices.json' with { type: 'json' };
import type { Tariff } from './tariff.ts';

interface VendorModel {
  readonly provider: string;
  readonly model: string;
  /** Tells whose price list counts when the provider is only known as compatible with OpenAI. */
  readonly baseUrl?: string | undefined;
}

/** Finds the tariff of a vendor's model at a moment; undefined when the list does not know it. */
export type FindVendorTariff = (wanted: VendorModel, atMs: number) => ((usage: Usage) => Tariff) | undefined;

export const VENDOR_PRICE_SOURCE = `genai-prices ${library.date}`;

const MINUTE_MS = 60_000;
const MAX_CACHED = 2000;
const SECONDS_PER_HOUR = 3600;
const PROVIDER_IDS: Readonly<Record<string, string>> = { gemini: 'google', bedrock: 'aws' };

/**
 * Vendors' prices from `@pydantic/genai-prices`. A search costs about 0.1 ms, so that its answer is kept for the minute:
 * prices change on dates and, for some vendors, at times of the day, both on whole minutes.
 */
export function createVendorPrices(): FindVendorTariff {
  const cache = new Map<string, ((usage: Usage) => Tariff) | undefined>();
  let minute = -1;
  return (wanted, atMs) => {
    const now = Math.floor(atMs / MINUTE_MS);
    if (now !== minute || cache.size > MAX_CACHED) cache.clear();
    minute = now;
    const key = `${wanted.provider}\n${wanted.model}\n${wanted.baseUrl ?? ''}`;
    if (!cache.has(key)) cache.set(key, search(wanted, now * MINUTE_MS));
    return cache.get(key);
  };
}

function search(wanted: VendorModel, atMs: number): ((usage: Usage) => Tariff) | undefined {
  const price = find(wanted, atMs)?.model_price;
  return price === undefined ? undefined : (usage) => atPrompt(price, usage);
}

/** Tokens of the context of a vendor's model, as the list of prices says; undefined where it does not. Takes about 0.1 ms. */
export const vendorContextWindow = (wanted: VendorModel, atMs: number): number | undefined => find(wanted, atMs)?.model.context_window;

function find(wanted: VendorModel, atMs: number): GenaiPrices.PriceCalculation | undefined {
  const prices = load();
  const known =
    wanted.provider === 'openai-compatible' ? { providerApiUrl: wanted.baseUrl ?? '' } : { providerId: PROVIDER_IDS[wanted.provider] ?? wanted.provider };
  const provider = prices.findProvider(known);
  if (provider === undefined) return undefined;
  return prices.calcPrice({ input_tokens: 1, output_tokens: 1 }, wanted.model, { provider, timestamp: new Date(atMs) }) ?? undefined;
}

/** Tiers hold for the whole request and are chosen by all its prompt tokens. */
function atPrompt(price: GenaiPrices.ModelPrice, usage: Usage): Tariff {
  const prompt = promptTokens(usage);
  const at = (name: string): number | null => {
    const entry = price[name];
    if (entry === undefined) return null;
    if (typeof entry === 'number') return entry;
    return entry.tiers.findLast((tier) => prompt > tier.start)?.price ?? entry.base;
  };
  const [input, output] = [at('input_mtok'), at('output_mtok')];
  return {
    inputUsdPerMillion: input,
    cacheReadUsdPerMillion: at('cache_read_mtok') ?? input,
    cacheWriteUsdPerMillion: at('cache_write_mtok') ?? input,
    outputUsdPerMillion: output,
    reasoningUsdPerMillion: at('output_reasoning_mtok') ?? output,
    ...(RARE_BUCKETS.some((bucket) => usage[bucket] !== undefined) ? { rare: rarePrices(at, input) } : {}),
  };
}

/** Made only for the calls that need them: most use none. */
function rarePrices(at: (name: string) => number | null, input: number | null): Tariff['rare'] & object {
  const hours = at('audio_hours');
  const rare: Record<RareBucket, number | null> = {
    cacheWriteLongTokens: at('cache_write_1h_mtok'),
    audioInputTokens: at('input_audio_mtok'),
    audioOutputTokens: at('output_audio_mtok'),
    // Where a list has no price of its own for pictures, vendors count them as text.
    imageInputTokens: at('input_image_mtok') ?? input,
    imageOutputTokens: at('output_image_mtok'),
    images: null,
    mediaMs: hours === null ? null : hours / SECONDS_PER_HOUR,
    characters: null,
    searchUnits: at('rerank_searches_kcount'),
    webSearches: at('web_searches_kcount'),
  };
  return Object.fromEntries(Object.entries(rare).filter(([, price]) => price !== null)) as Tariff['rare'] & object;
}

let loaded: typeof GenaiPrices | undefined;

/** Loaded at the first question for a vendor's price (80 ms), not at the start; synchronously, since admission does not wait. */
function load(): typeof GenaiPrices {
  loaded ??= createRequire(import.meta.url)('@pydantic/genai-prices') as typeof GenaiPrices;
  return loaded;
}
