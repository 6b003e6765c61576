import { completionTokens, promptTokens, type Usage, ZERO_USAGE } from '@maru/api/records';
import { z } from 'zod';

const count = z.number().int().nonnegative().nullish();
const openAiUsageSchema = z.looseObject({
  prompt_tokens: count,
  completion_tokens: count,
  prompt_tokens_details: z.looseObject({ cached_tokens: count }).nullish(),
  completion_tokens_details: z.looseObject({ reasoning_tokens: count }).nullish(),
});

/** OpenAI's usage object as a disjoint vector; what is not a usage object counts as zero. */
export function readUsage(usage: unknown): Usage {
  const parsed = openAiUsageSchema.safeParse(usage);
  if (!parsed.success) return ZERO_USAGE;
  const prompt = parsed.data.prompt_tokens ?? 0;
  const completion = parsed.data.completion_tokens ?? 0;
  const cached = Math.min(prompt, parsed.data.prompt_tokens_details?.cached_tokens ?? 0);
  const reasoning = Math.min(completion, parsed.data.completion_tokens_details?.reasoning_tokens ?? 0);
  return { inputTokens: prompt - cached, cacheReadTokens: cached, cacheWriteTokens: 0, outputTokens: completion - reasoning, reasoningTokens: reasoning };
}

/** The usage object of OpenAI for a disjoint vector. */
export function toOpenAiUsage(usage: Usage): Record<string, unknown> {
  const prompt = promptTokens(usage);
  const completion = completionTokens(usage);
  return {
    prompt_tokens: prompt,
    completion_tokens: completion,
    total_tokens: prompt + completion,
    prompt_tokens_details: { cached_tokens: usage.cacheReadTokens },
    completion_tokens_details: { reasoning_tokens: usage.reasoningTokens },
  };
}
