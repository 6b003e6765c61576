import type { AssistantMessage, CanonicalMessage, ToolMessage } from '../canonical/message.ts';
import type { AssistantPart, SystemPart, ToolCallPart, ToolResultContent, ToolResultPart, UserPart } from '../canonical/part.ts';
import { Fields, invalidField } from '../fields.ts';
import { readCache } from '../read-cache.ts';
import { decodeUserPart } from './chat-parts.ts';
import { readChatReasoning } from './chat-reasoning.ts';

/** The messages of a chat request; neighbouring tool results become one tool message. */
export function decodeChatMessages(messages: readonly unknown[], warnings: string[]): readonly CanonicalMessage[] {
  const out: CanonicalMessage[] = [];
  for (const [index, value] of messages.entries()) {
    const fields = new Fields(value, `messages[${index}]`);
    const message = decodeMessage(fields);
    const last = out.at(-1);
    if (message.role === 'tool' && last?.role === 'tool') out[out.length - 1] = { role: 'tool', content: [...last.content, ...message.content] };
    else out.push(message);
    for (const name of Object.keys(fields.rest() ?? {})) warnings.push(`"${fields.at(name)}" is not known and was not translated`);
  }
  return out;
}

function decodeMessage(fields: Fields): CanonicalMessage {
  const role = fields.requiredString('role');
  switch (role) {
    case 'system':
    case 'developer':
      fields.string('name');
      return { role, content: decodeTexts(fields) };
    case 'user':
      return { role, content: decodeContent(fields, decodeUserPart), ...named(fields) };
    case 'assistant':
      return decodeAssistant(fields);
    case 'tool':
      return decodeToolResult(fields, fields.requiredString('tool_call_id'));
    case 'function':
      return decodeToolResult(fields, `function_${fields.requiredString('name')}`);
    default:
      throw invalidField(fields.at('role'), 'must be system, developer, user, assistant or tool');
  }
}

const named = (fields: Fields): { readonly name?: string } => {
  const name = fields.string('name');
  return name === undefined ? {} : { name };
};

function decodeContent<T>(fields: Fields, decode: (part: Fields, type: string) => T): readonly T[] | readonly [{ type: 'text'; text: string } & T] {
  const content = fields.value('content');
  if (content === undefined || content === '') return [];
  if (typeof content === 'string') return [decode(new Fields({ type: 'text', text: content }, fields.at('content')), 'text')];
  if (!Array.isArray(content)) throw invalidField(fields.at('content'), 'must be a string or a list of parts');
  return content.map((value, index) => {
    const part = new Fields(value, `${fields.at('content')}[${index}]`);
    return decode(part, part.requiredString('type'));
  });
}

function decodeTexts(fields: Fields): readonly SystemPart[] {
  return decodeContent(fields, (part, type): SystemPart => {
    if (type === 'text' || type === 'input_text') return { type: 'text', text: part.requiredString('text'), ...readCache(part) };
    throw invalidField(part.at('type'), 'must be "text"');
  });
}

function decodeAssistant(fields: Fields): AssistantMessage {
  const content: AssistantPart[] = [...readChatReasoning({ ...assistantReasoning(fields) })];
  content.push(
    ...decodeContent(fields, (part, type): AssistantPart => {
      if (type === 'text') return { type: 'text', text: part.requiredString('text'), ...readCache(part) };
      if (type === 'refusal') return { type: 'refusal', text: part.requiredString('refusal') };
      throw invalidField(part.at('type'), 'must be "text" or "refusal"');
    }),
  );
  const refusal = fields.string('refusal');
  if (refusal !== undefined && refusal !== '') content.push({ type: 'refusal', text: refusal });
  for (const [index, call] of (fields.list('tool_calls') ?? []).entries())
    content.push(decodeToolCall(new Fields(call, `${fields.at('tool_calls')}[${index}]`)));
  const legacy = fields.object('function_call');
  if (legacy !== undefined) content.push(decodeFunctionCall(new Fields(legacy, fields.at('function_call'))));
  const audio = fields.object('audio');
  if (audio !== undefined) content.push({ type: 'foreign', format: 'openai-chat', value: { audio } });
  // Clients send back what they were given; annotations belong to the text before and mean nothing in a prompt.
  fields.value('annotations');
  return { role: 'assistant', content, ...named(fields) };
}

const assistantReasoning = (fields: Fields): Record<string, unknown> => ({
  reasoning_content: fields.value('reasoning_content'),
  reasoning: fields.value('reasoning'),
  thinking_blocks: fields.value('thinking_blocks'),
  reasoning_details: fields.value('reasoning_details'),
});

function decodeToolCall(call: Fields): ToolCallPart {
  const custom = call.string('type') === 'custom';
  const inner = new Fields(call.value(custom ? 'custom' : 'function'), call.at(custom ? 'custom' : 'function'));
  const id = call.requiredString('id');
  const name = inner.requiredString('name');
  if (custom) return { type: 'tool-call', id, name, arguments: inner.string('input') ?? '', custom: true };
  return { type: 'tool-call', id, name, arguments: inner.string('arguments') ?? '', ...readCache(call) };
}

function decodeFunctionCall(call: Fields): ToolCallPart {
  const name = call.requiredString('name');
  return { type: 'tool-call', id: `function_${name}`, name, arguments: call.string('arguments') ?? '' };
}

function decodeToolResult(fields: Fields, callId: string): ToolMessage {
  const content = decodeContent(fields, (part, type): ToolResultContent => {
    const decoded: UserPart = decodeUserPart(part, type);
    if (decoded.type === 'text' || decoded.type === 'image' || decoded.type === 'document') return decoded;
    throw invalidField(part.at('type'), 'must be text, an image or a file in a tool result');
  });
  const result: ToolResultPart = { type: 'tool-result', callId, ...named(fields), content, ...readCache(fields) };
  return { role: 'tool', content: [result] };
}
