import { PlatformError } from '@maru/api/errors';
import type { CanonicalAnswer } from '../canonical/answer.ts';
import type { AssistantPart } from '../canonical/part.ts';
import { asList, asObject, asString, compact, isObject } from '../json-value.ts';
import { readThinkingBlock } from '../thinking-block.ts';
import { fromStopReason } from './anthropic-finish.ts';
import { readAnthropicUsage } from './anthropic-usage.ts';

/** The answer of a message that was not streamed. Throws `upstream_garbage` for anything else. */
export function decodeAnthropicAnswer(value: unknown): CanonicalAnswer {
  if (!isObject(value) || !Array.isArray(value['content'])) {
    throw new PlatformError('upstream_garbage', { message: 'the engine answered with something that is not a message of the Anthropic API' });
  }
  return {
    id: asString(value['id']) ?? '',
    model: asString(value['model']) ?? '',
    parts: value['content'].flatMap(decodeAnswerBlock),
    finishReason: fromStopReason(value['stop_reason']),
    ...compact({
      stopSequence: asString(value['stop_sequence']),
      usage: readAnthropicUsage(value['usage']),
      serviceTier: asString(asObject(value['usage'])['service_tier']),
    }),
  };
}

function decodeAnswerBlock(value: unknown): readonly AssistantPart[] {
  const block = asObject(value);
  switch (block['type']) {
    case 'text': {
      const citations = asList(block['citations']);
      const text = asString(block['text']) ?? '';
      return [citations.length === 0 ? { type: 'text', text } : { type: 'text', text, notes: { format: 'anthropic-messages', value: citations } }];
    }
    case 'thinking':
    case 'redacted_thinking':
      return readThinkingBlock(block);
    case 'tool_use':
      return [{ type: 'tool-call', id: asString(block['id']) ?? '', name: asString(block['name']) ?? '', arguments: JSON.stringify(block['input'] ?? {}) }];
    default:
      return [{ type: 'foreign', format: 'anthropic-messages', value }];
  }
}
