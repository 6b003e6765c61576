import type { ReasoningPart } from '../canonical/part.ts';
import { asList, asObject, asString, type JsonObject } from '../json-value.ts';
import { unwrapSeal, wrapSeal } from '../seal.ts';

/**
 * Reasoning in a chat message. The API of OpenAI has no field for it; servers write `reasoning_content` or `reasoning`, and what must come
 * back unchanged stands in `thinking_blocks` (LiteLLM) or `reasoning_details` (OpenRouter), which hold the text once more.
 */
export function readChatReasoning(message: JsonObject): readonly ReasoningPart[] {
  const sealed = [...asList(message['thinking_blocks']), ...asList(message['reasoning_details'])].flatMap(readSealedBlock);
  if (sealed.length > 0) return sealed;
  const text = asString(message['reasoning_content']) ?? asString(message['reasoning']);
  return text === undefined || text === '' ? [] : [{ type: 'reasoning', text }];
}

/** One entry of `thinking_blocks` or `reasoning_details`. */
export function readSealedBlock(value: unknown): readonly ReasoningPart[] {
  const block = asObject(value);
  const format = 'anthropic-messages';
  switch (block['type']) {
    case 'thinking':
    case 'reasoning.text': {
      const text = asString(block['thinking']) ?? asString(block['text']) ?? '';
      const signature = asString(block['signature']);
      if (signature === undefined || signature === '') return text === '' ? [] : [{ type: 'reasoning', text }];
      return [{ type: 'reasoning', text, seal: unwrapSeal({ format, kind: 'signature', value: signature }) }];
    }
    case 'redacted_thinking':
    case 'reasoning.encrypted': {
      const data = asString(block['data']);
      return data === undefined
        ? []
        : [{ type: 'reasoning', text: asString(block['text']) ?? '', seal: unwrapSeal({ format, kind: 'encrypted', value: data }) }];
    }
    default:
      return [];
  }
}

/** The block that carries a seal to a client and back. */
export function toThinkingBlock(part: ReasoningPart): JsonObject | undefined {
  if (part.seal === undefined) return undefined;
  const value = wrapSeal(part.seal, 'anthropic-messages');
  if (part.seal.kind === 'signature') return { type: 'thinking', thinking: part.text, signature: value };
  return { type: 'redacted_thinking', data: value, ...(part.text === '' ? {} : { text: part.text }) };
}

/** The fields of a message that show its reasoning. */
export function toChatReasoning(parts: readonly ReasoningPart[]): JsonObject {
  const text = parts.map((part) => part.text).join('');
  const blocks = parts.some((part) => part.seal !== undefined)
    ? parts.map((part) => toThinkingBlock(part) ?? { type: 'thinking', thinking: part.text, signature: '' })
    : [];
  return { ...(text === '' ? {} : { reasoning_content: text }), ...(blocks.length === 0 ? {} : { thinking_blocks: blocks }) };
}
