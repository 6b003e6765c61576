import { z } from 'zod';
import type { Usage } from '../../records/index.ts';

const tokens = z.number().int().nonnegative();

/** The usage object of the OpenAI API, with the fields that other engines add to it. */
export const wireUsageSchema = z.looseObject({
  prompt_tokens: tokens.nullish(),
  completion_tokens: tokens.nullish(),
  total_tokens: tokens.nullish(),
  prompt_tokens_details: z.looseObject({ cached_tokens: tokens.nullish(), cache_creation_tokens: tokens.nullish() }).nullish(),
  completion_tokens_details: z.looseObject({ reasoning_tokens: tokens.nullish() }).nullish(),
  /** DeepSeek's name for cached prompt tokens. */
  prompt_cache_hit_tokens: tokens.nullish(),
});
export type WireUsage = z.infer<typeof wireUsageSchema>;

/**
 * Splits a wire usage into disjoint buckets. Cached and cache-writing tokens are parts of `prompt_tokens`, reasoning tokens a part of
 * `completion_tokens`; a vendor that reports a part larger than the whole is cut back to the whole, so that no token counts twice.
 * Returns undefined when neither count is there.
 */
export function fromWireUsage(wire: WireUsage): Usage | undefined {
  if (wire.prompt_tokens == null && wire.completion_tokens == null) return undefined;
  const prompt = wire.prompt_tokens ?? 0;
  const completion = wire.completion_tokens ?? 0;
  const cacheReadTokens = Math.min(prompt, wire.prompt_tokens_details?.cached_tokens ?? wire.prompt_cache_hit_tokens ?? 0);
  const cacheWriteTokens = Math.min(prompt - cacheReadTokens, wire.prompt_tokens_details?.cache_creation_tokens ?? 0);
  const reasoningTokens = Math.min(completion, wire.completion_tokens_details?.reasoning_tokens ?? 0);
  return {
    inputTokens: prompt - cacheReadTokens - cacheWriteTokens,
    cacheReadTokens,
    cacheWriteTokens,
    outputTokens: completion - reasoningTokens,
    reasoningTokens,
  };
}

/** The wire form of a usage: parts inside wholes, as clients of the OpenAI API expect. */
export function toWireUsage(usage: Usage): WireUsage {
  const prompt = usage.inputTokens + usage.cacheReadTokens + usage.cacheWriteTokens;
  const completion = usage.outputTokens + usage.reasoningTokens;
  return {
    prompt_tokens: prompt,
    completion_tokens: completion,
    total_tokens: prompt + completion,
    prompt_tokens_details: {
      cached_tokens: usage.cacheReadTokens,
      ...(usage.cacheWriteTokens > 0 ? { cache_creation_tokens: usage.cacheWriteTokens } : {}),
    },
    ...(usage.reasoningTokens > 0 ? { completion_tokens_details: { reasoning_tokens: usage.reasoningTokens } } : {}),
  };
}
