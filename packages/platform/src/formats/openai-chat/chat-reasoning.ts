import type { ReasoningPart } from '../canonical/part.ts';
import { asList, asString, type JsonObject } from '../json-value.ts';
import { readThinkingBlock, toThinkingBlock } from '../thinking-block.ts';

/**
 * Reasoning in a chat message. The API of OpenAI has no field for it; servers write `reasoning_content` or `reasoning`, and what must come
 * back unchanged stands in `thinking_blocks` (LiteLLM) or `reasoning_details` (OpenRouter), which hold the text once more.
 */
export function readChatReasoning(message: JsonObject): readonly ReasoningPart[] {
  const sealed = [...asList(message['thinking_blocks']), ...asList(message['reasoning_details'])].flatMap(readThinkingBlock);
  if (sealed.length > 0) return sealed;
  const text = asString(message['reasoning_content']) ?? asString(message['reasoning']);
  return text === undefined || text === '' ? [] : [{ type: 'reasoning', text }];
}

/** The fields of a message that show its reasoning. */
export function toChatReasoning(parts: readonly ReasoningPart[]): JsonObject {
  const text = parts.map((part) => part.text).join('');
  const blocks = parts.some((part) => part.seal !== undefined) ? parts.map(toThinkingBlock) : [];
  return { ...(text === '' ? {} : { reasoning_content: text }), ...(blocks.length === 0 ? {} : { thinking_blocks: blocks }) };
}
