import type { Usage } from '@maru/api/records';
import { fromWireUsage, toWireUsage } from '@maru/api/wire';
import { asNumber, asObject, isObject, type JsonObject } from '../json-value.ts';

/** The usage of chat and text completions in disjoint buckets; undefined when it is absent or makes no sense. */
export function readChatUsage(value: unknown): Usage | undefined {
  if (!isObject(value)) return undefined;
  const prompt = asObject(value['prompt_tokens_details']);
  const completion = asObject(value['completion_tokens_details']);
  return fromWireUsage({
    prompt_tokens: count(value['prompt_tokens']),
    completion_tokens: count(value['completion_tokens']),
    prompt_tokens_details: {
      cached_tokens: count(prompt['cached_tokens'] ?? value['cached_tokens']),
      cache_creation_tokens: count(prompt['cache_creation_tokens'] ?? prompt['cache_write_tokens']),
    },
    completion_tokens_details: { reasoning_tokens: count(completion['reasoning_tokens']) },
    prompt_cache_hit_tokens: count(value['prompt_cache_hit_tokens']),
  });
}

/** The usage object that clients of the chat API expect. */
export const toChatUsage = (usage: Usage): JsonObject => toWireUsage(usage);

function count(value: unknown): number | null {
  const number = asNumber(value);
  return number !== undefined && Number.isSafeInteger(number) && number >= 0 ? number : null;
}
