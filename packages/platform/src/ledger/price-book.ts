import { promptTokens, type Usage } from '@maru/api/records';
import builtIn from './data/prices-2026-11-21.json' with { type: 'json' };
import { findPrice, type PriceFile, type PriceOverride, parsePriceFile, toTariff } from './price-file.ts';
import { costOf, type Tariff } from './tariff.ts';
import { createVendorPrices, VENDOR_PRICE_SOURCE } from './vendor-prices.ts';

/** Which price is wanted. */
export interface PriceQuery {
  /** As in `Engine.provider`. */
  readonly provider: string;
  /** The vendor's name of the model (`Engine.servedName`). */
  readonly model: string;
  /** `spec.price` of the Model resource; wins over every list. */
  readonly price?: PriceOverride | undefined;
  readonly baseUrl?: string | undefined;
}

/** What a usage costs and who says so. */
export interface Price {
  /** Null when no price is known; never zero for that reason. */
  readonly costNanoUsd: number | null;
  /** For example `genai-prices 2026-09-23`; null when no price is known. */
  readonly source: string | null;
}

export interface PriceBook {
  /**
   * Order: the Model's own price, the user's lists (the first that knows the model), our own list, the vendors' list.
   * Never throws; an unknown model costs null.
   */
  priceOf(usage: Usage, query: PriceQuery, atMs: number): Price;
}

const UNKNOWN: Price = Object.freeze({ costNanoUsd: null, source: null });

/** Throws `config_invalid` when one of the user's lists is not valid. */
export function createPriceBook(overrides: readonly unknown[] = []): PriceBook {
  const files: readonly PriceFile[] = [...overrides.map((file, index) => parsePriceFile(file, `override ${index + 1}`)), parsePriceFile(builtIn, 'built-in')];
  const findVendor = createVendorPrices();
  const flat = new WeakMap<PriceOverride, Tariff>();
  /** Prices without tiers are the same tariff for every request. */
  const tariffOf = (price: PriceOverride, usage: Usage): Tariff => {
    const known = flat.get(price);
    if (known !== undefined) return known;
    const tariff = toTariff(price, promptTokens(usage));
    if (price.above === undefined) flat.set(price, tariff);
    return tariff;
  };
  return {
    priceOf(usage, query, atMs) {
      if (query.price !== undefined) return priced(costOf(usage, tariffOf(query.price, usage)), 'model');
      for (const file of files) {
        const entry = findPrice(file, { provider: query.provider, model: query.model, atMs });
        if (entry !== undefined) return priced(costOf(usage, toTariff(entry, promptTokens(usage))), sourceOf(file));
      }
      const tariff = findVendor(query, atMs);
      return tariff === undefined ? UNKNOWN : priced(costOf(usage, tariff(usage)), VENDOR_PRICE_SOURCE);
    },
  };
}

const sourceOf = (file: PriceFile): string => (file.source === 'built-in' ? 'built-in' : `${file.source} ${file.date}`);

const priced = (costNanoUsd: number | null, source: string): Price => (costNanoUsd === null ? UNKNOWN : { costNanoUsd, source });
