import type { ReasoningPart } from './canonical/part.ts';
import { asObject, asString, type JsonObject } from './json-value.ts';
import { unwrapSeal, wrapSeal } from './seal.ts';

const FORMAT = 'anthropic-messages';

/** A thinking block of Anthropic, or an entry of `reasoning_details` (OpenRouter), which follows it; empty for anything else. */
export function readThinkingBlock(value: unknown): readonly ReasoningPart[] {
  const block = asObject(value);
  switch (block['type']) {
    case 'thinking':
    case 'reasoning.text': {
      const text = asString(block['thinking']) ?? asString(block['text']) ?? '';
      const signature = asString(block['signature']);
      if (signature === undefined || signature === '') return text === '' ? [] : [{ type: 'reasoning', text }];
      return [{ type: 'reasoning', text, seal: unwrapSeal({ format: FORMAT, kind: 'signature', value: signature }) }];
    }
    case 'redacted_thinking':
    case 'reasoning.encrypted': {
      const data = asString(block['data']);
      return data === undefined ? [] : [{ type: 'reasoning', text: '', seal: unwrapSeal({ format: FORMAT, kind: 'encrypted', value: data }) }];
    }
    default:
      return [];
  }
}

/** The block that shows a reasoning part to a client and brings its seal back. */
export function toThinkingBlock({ text, seal }: ReasoningPart): JsonObject {
  if (seal?.kind === 'encrypted' && text === '') return { type: 'redacted_thinking', data: wrapSeal(seal, FORMAT) };
  return { type: 'thinking', thinking: text, signature: seal === undefined ? '' : wrapSeal(seal, FORMAT) };
}
