import { z } from 'zod';

const tokens = z.number().int().nonnegative();

/**
 * Tokens of one engine call in disjoint buckets: their sum is all that was processed, and no token is in two buckets.
 * Unit: tokens.
 */
export const usageSchema = z.strictObject({
  /** Prompt tokens that had to be computed. */
  inputTokens: tokens,
  /** Prompt tokens that came out of a prefix cache. */
  cacheReadTokens: tokens,
  /** Prompt tokens that were written into a paid cache. */
  cacheWriteTokens: tokens,
  /** Tokens of the visible answer. */
  outputTokens: tokens,
  /** Tokens of hidden reasoning, not contained in `outputTokens`. */
  reasoningTokens: tokens,
});
export type Usage = z.infer<typeof usageSchema>;

export const ZERO_USAGE: Usage = Object.freeze({ inputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0, outputTokens: 0, reasoningTokens: 0 });

export function addUsage(left: Usage, right: Usage): Usage {
  return {
    inputTokens: left.inputTokens + right.inputTokens,
    cacheReadTokens: left.cacheReadTokens + right.cacheReadTokens,
    cacheWriteTokens: left.cacheWriteTokens + right.cacheWriteTokens,
    outputTokens: left.outputTokens + right.outputTokens,
    reasoningTokens: left.reasoningTokens + right.reasoningTokens,
  };
}

/** All prompt tokens of a usage, cached or not. */
export const promptTokens = (usage: Usage): number => usage.inputTokens + usage.cacheReadTokens + usage.cacheWriteTokens;

/** All generated tokens of a usage, visible or not. */
export const completionTokens = (usage: Usage): number => usage.outputTokens + usage.reasoningTokens;
