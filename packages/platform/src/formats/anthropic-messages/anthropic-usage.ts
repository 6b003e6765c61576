import type { Usage } from '@maru/api/records';
import { asCount, asObject, isObject, type JsonObject } from '../json-value.ts';

/**
 * The usage of an Anthropic message in disjoint buckets. Anthropic counts cached tokens beside `input_tokens`, and thinking as a part of
 * `output_tokens`. Undefined when neither count is there.
 */
export function readAnthropicUsage(value: unknown): Usage | undefined {
  if (!isObject(value) || (typeof value['input_tokens'] !== 'number' && typeof value['output_tokens'] !== 'number')) return undefined;
  const output = asCount(value['output_tokens']);
  const reasoningTokens = Math.min(output, asCount(asObject(value['output_tokens_details'])['thinking_tokens']));
  return {
    inputTokens: asCount(value['input_tokens']),
    cacheReadTokens: asCount(value['cache_read_input_tokens']),
    cacheWriteTokens: asCount(value['cache_creation_input_tokens']),
    outputTokens: output - reasoningTokens,
    reasoningTokens,
  };
}

/** The usage object that clients of Anthropic expect. */
export function toAnthropicUsage(usage: Usage): JsonObject {
  return {
    input_tokens: usage.inputTokens,
    cache_creation_input_tokens: usage.cacheWriteTokens,
    cache_read_input_tokens: usage.cacheReadTokens,
    output_tokens: usage.outputTokens + usage.reasoningTokens,
    ...(usage.reasoningTokens > 0 ? { output_tokens_details: { thinking_tokens: usage.reasoningTokens } } : {}),
  };
}

/** Later events of a stream name only what has changed. */
export function mergeAnthropicUsage(before: JsonObject, report: unknown): JsonObject {
  const merged: Record<string, unknown> = { ...before };
  for (const [name, count] of Object.entries(asObject(report))) if (count != null) merged[name] = count;
  return merged;
}
