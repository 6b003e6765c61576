import type { CanonicalMessage } from '../canonical/message.ts';
import type { AssistantPart, ToolResultPart } from '../canonical/part.ts';
import type { DropList } from '../drop-list.ts';
import type { JsonObject } from '../json-value.ts';
import { toErrorText } from '../tool-error.ts';
import { encodeInputPart } from './responses-parts.ts';
import { encodeReasoningItem } from './responses-reasoning.ts';

const FORMAT = 'openai-responses';

/** The instructions (the first message, when it is plain text of the system) and the input items. */
export function encodeResponsesInput(messages: readonly CanonicalMessage[], drops: DropList): JsonObject {
  const [first] = messages;
  const only = first?.role === 'system' && first.content.length === 1 ? first.content[0] : undefined;
  const instructions = only?.type === 'text' && only.text !== '' ? only.text : undefined;
  if (only?.type === 'text' && only.cache !== undefined) drops.hint('cache', 'OpenAI caches prompts by itself');
  const input = messages.flatMap((message, index) => (index === 0 && instructions !== undefined ? [] : encodeMessage(message, `messages[${index}]`, drops)));
  return { ...(instructions === undefined ? {} : { instructions }), input };
}

function encodeMessage(message: CanonicalMessage, field: string, drops: DropList): readonly JsonObject[] {
  switch (message.role) {
    case 'assistant':
      return message.content.flatMap((part, index) => encodeAssistantPart(part, `${field}.content[${index}]`, drops));
    case 'tool':
      return message.content.map((result, index) => encodeOutput(result, `${field}.content[${index}]`, drops));
    default: {
      const content = message.content.flatMap((part, index) => encodeInputPart(part, `${field}.content[${index}]`, drops));
      return [{ type: 'message', role: message.role, content }];
    }
  }
}

function encodeAssistantPart(part: AssistantPart, field: string, drops: DropList): readonly JsonObject[] {
  if ('cache' in part && part.cache !== undefined) drops.hint('cache', 'OpenAI caches prompts by itself');
  switch (part.type) {
    case 'text':
      return [{ type: 'message', role: 'assistant', content: [{ type: 'output_text', text: part.text, annotations: [] }] }];
    case 'refusal':
      return [{ type: 'message', role: 'assistant', content: [{ type: 'refusal', refusal: part.text }] }];
    case 'tool-call':
      if (part.custom === true) return [{ type: 'custom_tool_call', call_id: part.id, name: part.name, input: part.arguments }];
      return [{ type: 'function_call', call_id: part.id, name: part.name, arguments: part.arguments === '' ? '{}' : part.arguments }];
    case 'reasoning':
      if (part.seal?.format === FORMAT) return [encodeReasoningItem(part, undefined)];
      drops.hint('messages.reasoning', 'OpenAI takes back only reasoning that it encrypted itself');
      return [];
    case 'foreign':
      if (part.format === FORMAT) return [part.value as JsonObject];
      drops.foreign(field, part.format);
      return [];
  }
}

function encodeOutput(result: ToolResultPart, field: string, drops: DropList): JsonObject {
  if (result.cache !== undefined) drops.hint('cache', 'OpenAI caches prompts by itself');
  const parts = result.content.flatMap((part, index) => encodeInputPart(part, `${field}.content[${index}]`, drops));
  const marked = result.isError === true ? markError(parts) : parts;
  const [only] = marked;
  const output = marked.length === 0 ? '' : marked.length === 1 && only?.['type'] === 'input_text' ? only['text'] : marked;
  return { type: result.custom === true ? 'custom_tool_call_output' : 'function_call_output', call_id: result.callId, output };
}

/** The Responses API has no mark for a failed tool, so the text says it. */
function markError(parts: readonly JsonObject[]): readonly JsonObject[] {
  const [first, ...rest] = parts;
  if (first?.['type'] === 'input_text') return [{ ...first, text: toErrorText(String(first['text'])) }, ...rest];
  return [{ type: 'input_text', text: 'Error' }, ...parts];
}
