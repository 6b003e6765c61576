import type { ModelSpec } from '@maru/api/resources';
import type { Entry } from './entry.ts';
import type { Notices } from './notices.ts';
import { toNumber } from './read-value.ts';

type Price = NonNullable<ModelSpec['price']>;

/** The price that a deployment states, per million tokens; undefined where it states none. */
export function toPrice(entry: Entry, notices: Notices): Price | undefined {
  const read = (key: string): number | undefined => {
    const perToken = toNumber(entry.params[key]) ?? toNumber(entry.info[key]);
    // Rounded to what a ten-thousandth of a cent per million is: 0.0000025 is not exact in binary.
    return perToken === undefined ? undefined : Math.round(perToken * 1e12) / 1e6;
  };
  const input = read('input_cost_per_token');
  const output = read('output_cost_per_token') ?? (isEmbedding(entry) && input !== undefined ? 0 : undefined);
  if (input === undefined && output === undefined) return undefined;
  if (input === undefined || output === undefined) {
    notices.warn([...entry.path], 'a price needs input_cost_per_token and output_cost_per_token; it is not taken over');
    return undefined;
  }
  const cacheRead = read('cache_read_input_token_cost');
  const cacheWrite = read('cache_creation_input_token_cost');
  const reasoning = read('output_cost_per_reasoning_token');
  return {
    inputUsdPerMillion: input,
    outputUsdPerMillion: output,
    ...(cacheRead === undefined ? {} : { cacheReadUsdPerMillion: cacheRead }),
    ...(cacheWrite === undefined ? {} : { cacheWriteUsdPerMillion: cacheWrite }),
    ...(reasoning === undefined ? {} : { reasoningUsdPerMillion: reasoning }),
  };
}

const isEmbedding = (entry: Entry): boolean => entry.info['mode'] === 'embedding' || /embed/i.test(entry.model);
