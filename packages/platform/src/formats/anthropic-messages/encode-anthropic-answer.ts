import { ZERO_USAGE } from '@maru/api/records';
import type { CanonicalAnswer } from '../canonical/answer.ts';
import type { AssistantPart } from '../canonical/part.ts';
import type { AnswerContext } from '../format.ts';
import { isObject, type JsonObject } from '../json-value.ts';
import { toThinkingBlock } from '../thinking-block.ts';
import { toStopReason } from './anthropic-finish.ts';
import { encodeText } from './anthropic-parts.ts';
import { toAnthropicUsage } from './anthropic-usage.ts';

/** The answer as a client of the Messages API expects it. */
export function encodeAnthropicAnswer(answer: CanonicalAnswer, context: AnswerContext): JsonObject {
  return {
    id: `msg_${context.id}`,
    type: 'message',
    role: 'assistant',
    model: answer.model === '' ? context.request.model : answer.model,
    content: answer.parts.flatMap(encodeAnswerPart),
    stop_reason: toStopReason(answer.finishReason),
    stop_sequence: answer.stopSequence ?? null,
    usage: toAnthropicUsage(answer.usage ?? ZERO_USAGE),
  };
}

function encodeAnswerPart(part: AssistantPart): readonly JsonObject[] {
  switch (part.type) {
    case 'text':
      return part.text === '' ? [] : [encodeText(part)];
    case 'refusal':
      return part.text === '' ? [] : [{ type: 'text', text: part.text }];
    case 'reasoning':
      return [toThinkingBlock(part)];
    case 'tool-call':
      return [{ type: 'tool_use', id: part.id, name: part.name, input: toInput(part.arguments) }];
    case 'foreign':
      return part.format === 'anthropic-messages' && isObject(part.value) ? [part.value] : [];
  }
}

/** A model may write arguments that are not an object; the client is to see them rather than nothing. */
function toInput(args: string): JsonObject {
  if (args.trim() === '') return {};
  try {
    const input: unknown = JSON.parse(args);
    return isObject(input) ? input : { input };
  } catch {
    return { input: args };
  }
}
