import { PlatformError } from '@maru/api/errors';
import { z } from 'zod';
import type { Tariff } from './tariff.ts';

const usd = z.number().nonnegative();

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

/** Price of one model; the defaults are those of every vendor: cached input costs as input, reasoning as output. */
export type PriceOverride = Pick<PriceFile['prices'][number], 'inputUsdPerMillion' | 'outputUsdPerMillion'> & {
  readonly [Key in 'cacheReadUsdPerMillion' | 'cacheWriteUsdPerMillion' | 'reasoningUsdPerMillion']?: number | undefined;
};

/** Throws `config_invalid` naming the field. */
export function parsePriceFile(value: unknown, name: string): PriceFile {
  const result = priceFileSchema.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  throw new PlatformError('config_invalid', { message: `price list "${name}": ${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'is not valid'}` });
}

export function toTariff(price: PriceOverride): Tariff {
  return {
    inputUsdPerMillion: price.inputUsdPerMillion,
    cacheReadUsdPerMillion: price.cacheReadUsdPerMillion ?? price.inputUsdPerMillion,
    cacheWriteUsdPerMillion: price.cacheWriteUsdPerMillion ?? price.inputUsdPerMillion,
    outputUsdPerMillion: price.outputUsdPerMillion,
    reasoningUsdPerMillion: price.reasoningUsdPerMillion ?? price.outputUsdPerMillion,
  };
}

/** The entry that holds at a moment: the exact model before `*`, the latest `from` that has passed. */
export function findPrice(file: PriceFile, wanted: { provider: string; model: string; atMs: number }): PriceFile['prices'][number] | undefined {
  const holds = file.prices.filter(
    (entry) =>
      entry.provider === wanted.provider && (entry.model === wanted.model || entry.model === '*') && Date.parse(entry.from ?? '1970-01-01') <= wanted.atMs,
  );
  return holds.sort((left, right) => Number(left.model === '*') - Number(right.model === '*') || (right.from ?? '').localeCompare(left.from ?? ''))[0];
}
