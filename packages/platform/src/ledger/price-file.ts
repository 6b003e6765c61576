import { PlatformError } from '@maru/api/errors';
import type { RareBucket } from '@maru/api/records';
import { z } from 'zod';
import type { Tariff } from './tariff.ts';

const usd = z.number().nonnegative();

/** Prices of what only some calls use; the units stand in the names. */
const rareShape = {
  cacheWriteLongUsdPerMillion: usd.optional(),
  audioInputUsdPerMillion: usd.optional(),
  audioOutputUsdPerMillion: usd.optional(),
  imageInputUsdPerMillion: usd.optional(),
  imageOutputUsdPerMillion: usd.optional(),
  usdPerImage: usd.optional(),
  usdPerSecond: usd.optional(),
  charactersUsdPerMillion: usd.optional(),
  searchUnitsUsdPerThousand: usd.optional(),
  webSearchesUsdPerThousand: usd.optional(),
};
const aboveSchema = z.strictObject({
  promptTokens: z.number().int().positive(),
  inputUsdPerMillion: usd,
  outputUsdPerMillion: usd,
  cacheReadUsdPerMillion: usd.optional(),
  cacheWriteUsdPerMillion: usd.optional(),
  reasoningUsdPerMillion: usd.optional(),
});

const priceEntrySchema = z.strictObject({
  /** Provider as in `Charge.provider`. */
  provider: z.string().min(1),
  /** The vendor's name of the model; `*` for all of the provider. */
  model: z.string().min(1),
  inputUsdPerMillion: usd,
  outputUsdPerMillion: usd,
  cacheReadUsdPerMillion: usd.optional(),
  cacheWriteUsdPerMillion: usd.optional(),
  reasoningUsdPerMillion: usd.optional(),
  ...rareShape,
  /** Prices for requests with more prompt tokens than this, as a whole: the highest that is passed counts. */
  above: z.array(aboveSchema).max(10).optional(),
  /** Date (UTC) from which the price holds; from the beginning where absent. */
  from: z.iso.date().optional(),
});

/** A dated price list of our own, or of the user. */
const priceFileSchema = z.strictObject({
  /** Stands in every charge that used the list. */
  source: z.string().min(1),
  /** When the list was made. */
  date: z.iso.date(),
  prices: z.array(priceEntrySchema),
});
export type PriceFile = z.infer<typeof priceFileSchema>;

type Entry = PriceFile['prices'][number];

/** Price of one model; the defaults are those of every vendor: cached input costs as input, reasoning as output. What has no price here is unknown. */
export type PriceOverride = Pick<Entry, 'inputUsdPerMillion' | 'outputUsdPerMillion'> & {
  readonly [Key in Exclude<keyof Entry, 'provider' | 'model' | 'from' | 'inputUsdPerMillion' | 'outputUsdPerMillion'>]?: Entry[Key] | undefined;
};

const RARE_PRICES: readonly (readonly [RareBucket, keyof typeof rareShape])[] = [
  ['cacheWriteLongTokens', 'cacheWriteLongUsdPerMillion'],
  ['audioInputTokens', 'audioInputUsdPerMillion'],
  ['audioOutputTokens', 'audioOutputUsdPerMillion'],
  ['imageInputTokens', 'imageInputUsdPerMillion'],
  ['imageOutputTokens', 'imageOutputUsdPerMillion'],
  ['images', 'usdPerImage'],
  ['mediaMs', 'usdPerSecond'],
  ['characters', 'charactersUsdPerMillion'],
  ['searchUnits', 'searchUnitsUsdPerThousand'],
  ['webSearches', 'webSearchesUsdPerThousand'],
];

/** Throws `config_invalid` naming the field. */
export function parsePriceFile(value: unknown, name: string): PriceFile {
  const result = priceFileSchema.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  throw new PlatformError('config_invalid', { message: `price list "${name}": ${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'is not valid'}` });
}

/** The tariff for a request with so many prompt tokens. */
export function toTariff(price: PriceOverride, prompt: number): Tariff {
  const tier = price.above === undefined ? undefined : highestTier(price.above, prompt);
  const base = tier ?? price;
  let rare: Partial<Record<RareBucket, number>> | undefined;
  for (const [bucket, field] of RARE_PRICES) {
    const each = price[field];
    if (each === undefined) continue;
    rare ??= {};
    rare[bucket] = each;
  }
  return {
    inputUsdPerMillion: base.inputUsdPerMillion,
    cacheReadUsdPerMillion: base.cacheReadUsdPerMillion ?? base.inputUsdPerMillion,
    cacheWriteUsdPerMillion: base.cacheWriteUsdPerMillion ?? base.inputUsdPerMillion,
    outputUsdPerMillion: base.outputUsdPerMillion,
    reasoningUsdPerMillion: base.reasoningUsdPerMillion ?? base.outputUsdPerMillion,
    ...(rare === undefined ? {} : { rare }),
  };
}

function highestTier(tiers: NonNullable<Entry['above']>, prompt: number): NonNullable<Entry['above']>[number] | undefined {
  let found: NonNullable<Entry['above']>[number] | undefined;
  for (const tier of tiers) if (prompt > tier.promptTokens && tier.promptTokens > (found?.promptTokens ?? 0)) found = tier;
  return found;
}

/** The entry that holds at a moment: the exact model before `*`, the latest `from` that has passed. */
export function findPrice(file: PriceFile, wanted: { provider: string; model: string; atMs: number }): PriceFile['prices'][number] | undefined {
  const holds = file.prices.filter(
    (entry) =>
      entry.provider === wanted.provider && (entry.model === wanted.model || entry.model === '*') && Date.parse(entry.from ?? '1970-01-01') <= wanted.atMs,
  );
  return holds.sort((left, right) => Number(left.model === '*') - Number(right.model === '*') || (right.from ?? '').localeCompare(left.from ?? ''))[0];
}
