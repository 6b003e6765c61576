import { z } from 'zod';

const amount = z.number().int().nonnegative();

/** Buckets that every engine call has, in tokens. */
const tokenShape = {
  /** Prompt tokens of text that had to be computed. */
  inputTokens: amount,
  /** Prompt tokens that came out of a prefix cache. */
  cacheReadTokens: amount,
  /** Prompt tokens that were written into a paid cache. */
  cacheWriteTokens: amount,
  /** Tokens of the visible answer. */
  outputTokens: amount,
  /** Tokens of hidden reasoning, not contained in `outputTokens`. */
  reasoningTokens: amount,
};

/** Buckets that only some calls have; absent is none. */
const rareShape = {
  /** Prompt tokens written into a cache that lives an hour, not contained in `cacheWriteTokens`. */
  cacheWriteLongTokens: amount.exactOptional(),
  audioInputTokens: amount.exactOptional(),
  audioOutputTokens: amount.exactOptional(),
  imageInputTokens: amount.exactOptional(),
  imageOutputTokens: amount.exactOptional(),
  /** Images that were made, where a vendor charges by the image. */
  images: amount.exactOptional(),
  /** Milliseconds of sound or video that were heard or made, where a vendor charges by time. */
  mediaMs: amount.exactOptional(),
  /** Characters that were spoken, where a vendor charges by the character. */
  characters: amount.exactOptional(),
  /** Search units of a reranker. */
  searchUnits: amount.exactOptional(),
  /** Searches of the web that a vendor made for the answer. */
  webSearches: amount.exactOptional(),
};

/**
 * What one engine call used, in disjoint buckets: the sum of the token buckets is all that was processed, and no token is in
 * two buckets.
 */
export const usageSchema = z.strictObject({ ...tokenShape, ...rareShape });
export type Usage = z.infer<typeof usageSchema>;

/** Names of all buckets. */
export const usageBucketSchema = usageSchema.keyof();
export type UsageBucket = z.infer<typeof usageBucketSchema>;

/** Names of the buckets that may be absent. */
export type RareBucket = keyof typeof rareShape;
export const RARE_BUCKETS = Object.freeze(Object.keys(rareShape) as RareBucket[]);

export const ZERO_USAGE: Usage = Object.freeze({ inputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0, outputTokens: 0, reasoningTokens: 0 });

export function addUsage(left: Usage, right: Usage): Usage {
  const sum: Usage = {
    inputTokens: left.inputTokens + right.inputTokens,
    cacheReadTokens: left.cacheReadTokens + right.cacheReadTokens,
    cacheWriteTokens: left.cacheWriteTokens + right.cacheWriteTokens,
    outputTokens: left.outputTokens + right.outputTokens,
    reasoningTokens: left.reasoningTokens + right.reasoningTokens,
  };
  for (const bucket of RARE_BUCKETS) {
    const both = (left[bucket] ?? 0) + (right[bucket] ?? 0);
    if (both > 0) sum[bucket] = both;
  }
  return sum;
}

/** All prompt tokens of a usage, cached or not. */
export const promptTokens = (usage: Usage): number =>
  usage.inputTokens +
  usage.cacheReadTokens +
  usage.cacheWriteTokens +
  (usage.cacheWriteLongTokens ?? 0) +
  (usage.audioInputTokens ?? 0) +
  (usage.imageInputTokens ?? 0);

/** All generated tokens of a usage, visible or not. */
export const completionTokens = (usage: Usage): number =>
  usage.outputTokens + usage.reasoningTokens + (usage.audioOutputTokens ?? 0) + (usage.imageOutputTokens ?? 0);

/** True when nothing at all was used. */
export const isNoUsage = (usage: Usage): boolean =>
  promptTokens(usage) + completionTokens(usage) === 0 && RARE_BUCKETS.every((bucket) => (usage[bucket] ?? 0) === 0);
