import type { Usage } from '@maru/api/records';
import { asCount, asObject, isObject, type JsonObject } from '../json-value.ts';

/** The usage of a response in disjoint buckets: cached, cache-writing and reasoning tokens are parts of the totals. */
export function readResponsesUsage(value: unknown): Usage | undefined {
  if (!isObject(value) || (typeof value['input_tokens'] !== 'number' && typeof value['output_tokens'] !== 'number')) return undefined;
  const input = asCount(value['input_tokens']);
  const output = asCount(value['output_tokens']);
  const details = asObject(value['input_tokens_details']);
  const cacheReadTokens = Math.min(input, asCount(details['cached_tokens']));
  const cacheWriteTokens = Math.min(input - cacheReadTokens, asCount(details['cache_write_tokens']));
  const reasoningTokens = Math.min(output, asCount(asObject(value['output_tokens_details'])['reasoning_tokens']));
  return {
    inputTokens: input - cacheReadTokens - cacheWriteTokens,
    cacheReadTokens,
    cacheWriteTokens,
    outputTokens: output - reasoningTokens,
    reasoningTokens,
  };
}

/** The usage object that clients of the Responses API expect. */
export function toResponsesUsage(usage: Usage): JsonObject {
  const input = usage.inputTokens + usage.cacheReadTokens + usage.cacheWriteTokens;
  const output = usage.outputTokens + usage.reasoningTokens;
  return {
    input_tokens: input,
    input_tokens_details: { cached_tokens: usage.cacheReadTokens, cache_write_tokens: usage.cacheWriteTokens },
    output_tokens: output,
    output_tokens_details: { reasoning_tokens: usage.reasoningTokens },
    total_tokens: input + output,
  };
}
