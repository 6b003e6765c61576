import type { ChatCompletion } from '@maru/api/wire';
import { fromAnthropicUsage, toFinishReason } from './anthropic-usage.ts';
import type { AnthropicMessage } from './anthropic-wire.ts';

/** A whole answer in the form of OpenAI; `createdS` is in seconds since 1970. */
export function fromAnthropicMessage(message: AnthropicMessage, createdS: number): ChatCompletion {
  const text = message.content.filter((block) => block.type === 'text').map((block) => block.text ?? '');
  const thinking = message.content.filter((block) => block.type === 'thinking').map((block) => block.thinking ?? '');
  const calls = message.content
    .filter((block) => block.type === 'tool_use')
    .map((block) => ({ id: block.id ?? '', type: 'function', function: { name: block.name ?? '', arguments: JSON.stringify(block.input ?? {}) } }));
  return {
    id: message.id,
    object: 'chat.completion',
    created: createdS,
    model: message.model,
    choices: [
      {
        index: 0,
        message: {
          role: 'assistant',
          content: text.length === 0 ? null : text.join(''),
          ...(thinking.length === 0 ? {} : { reasoning_content: thinking.join('') }),
          ...(calls.length === 0 ? {} : { tool_calls: calls }),
        },
        finish_reason: toFinishReason(message.stop_reason),
      },
    ],
    usage: fromAnthropicUsage(message.usage),
  };
}
