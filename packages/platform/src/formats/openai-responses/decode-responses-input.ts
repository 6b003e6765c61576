import type { CanonicalMessage } from '../canonical/message.ts';
import type { AssistantPart, ToolResultContent, ToolResultPart } from '../canonical/part.ts';
import { Fields, invalidField } from '../fields.ts';
import { isObject } from '../json-value.ts';
import { decodeInputPart, decodeParts, decodeTextPart } from './responses-parts.ts';
import { decodeReasoningItem } from './responses-reasoning.ts';

const FORMAT = 'openai-responses';

/** The instructions and input items of a response. Neighbouring items of the assistant become one message, and so do tool outputs. */
export function decodeResponsesInput(instructions: string | undefined, input: unknown): readonly CanonicalMessage[] {
  const messages: CanonicalMessage[] = [];
  if (instructions !== undefined && instructions !== '') messages.push({ role: 'system', content: [{ type: 'text', text: instructions }] });
  if (typeof input === 'string') return [...messages, { role: 'user', content: [{ type: 'text', text: input }] }];
  if (!Array.isArray(input)) throw invalidField('input', 'must be a string or a list of items');
  for (const [index, value] of input.entries()) append(messages, decodeItem(new Fields(value, `input[${index}]`), value));
  return messages;
}

function append(messages: CanonicalMessage[], message: CanonicalMessage): void {
  const last = messages.at(-1);
  if (message.role === 'assistant' && last?.role === 'assistant') messages[messages.length - 1] = { ...last, content: [...last.content, ...message.content] };
  else if (message.role === 'tool' && last?.role === 'tool') messages[messages.length - 1] = { role: 'tool', content: [...last.content, ...message.content] };
  else messages.push(message);
}

function decodeItem(item: Fields, raw: unknown): CanonicalMessage {
  switch (item.string('type') ?? 'message') {
    case 'message':
      return decodeMessage(item);
    case 'function_call':
      return assistant({ type: 'tool-call', id: item.requiredString('call_id'), name: item.requiredString('name'), arguments: item.string('arguments') ?? '' });
    case 'custom_tool_call':
      return assistant({
        type: 'tool-call',
        id: item.requiredString('call_id'),
        name: item.requiredString('name'),
        arguments: item.string('input') ?? '',
        custom: true,
      });
    case 'function_call_output':
      return decodeOutput(item, {});
    case 'custom_tool_call_output':
      return decodeOutput(item, { custom: true });
    case 'reasoning':
      return assistant(isObject(raw) ? decodeReasoningItem(raw) : { type: 'reasoning', text: '' });
    default:
      return assistant({ type: 'foreign', format: FORMAT, value: raw });
  }
}

const assistant = (part: AssistantPart): CanonicalMessage => ({ role: 'assistant', content: [part] });

function decodeMessage(item: Fields): CanonicalMessage {
  const role = item.requiredString('role');
  const content = item.value('content');
  const path = item.at('content');
  switch (role) {
    case 'system':
    case 'developer':
      return { role, content: decodeParts(content, path, decodeTextPart) };
    case 'user':
      return { role, content: decodeParts(content, path, decodeInputPart) };
    case 'assistant':
      return {
        role,
        content: decodeParts(content, path, (part, type): AssistantPart => {
          if (type === 'refusal') return { type: 'refusal', text: part.requiredString('refusal') };
          return decodeTextPart(part, type);
        }),
      };
    default:
      throw invalidField(item.at('role'), 'must be user, assistant, system or developer');
  }
}

function decodeOutput(item: Fields, custom: { readonly custom?: boolean }): CanonicalMessage {
  const content = decodeParts(item.value('output'), item.at('output'), (part, type): ToolResultContent => {
    const decoded = decodeInputPart(part, type);
    if (decoded.type === 'audio' || decoded.type === 'video') throw invalidField(part.at('type'), 'must be text, an image or a file');
    return decoded;
  });
  const result: ToolResultPart = { type: 'tool-result', callId: item.requiredString('call_id'), content, ...custom };
  return { role: 'tool', content: [result] };
}
