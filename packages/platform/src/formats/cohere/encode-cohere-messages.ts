import { toFunctionArguments } from '../canonical/custom-calls.ts';
import type { CanonicalMessage } from '../canonical/message.ts';
import type { AssistantPart, DocumentPart, ToolResultContent, ToolResultPart, UserPart } from '../canonical/part.ts';
import type { DropList } from '../drop-list.ts';
import { encodeImageUrl } from '../image-url-part.ts';
import type { JsonObject } from '../json-value.ts';
import { toErrorText } from '../tool-error.ts';

const FORMAT = 'cohere-chat';

/** The messages as Cohere takes them: one message per tool result. */
export const encodeCohereMessages = (messages: readonly CanonicalMessage[], drops: DropList): readonly JsonObject[] =>
  messages.flatMap((message, index) => encodeMessage(message, `messages[${index}]`, drops));

function encodeMessage(message: CanonicalMessage, field: string, drops: DropList): readonly JsonObject[] {
  if ('name' in message && message.name !== undefined) drops.hint(`${field}.name`, 'Cohere has no names of persons');
  switch (message.role) {
    case 'system':
    case 'developer':
      return [{ role: 'system', content: encodeContent(message.content, field, drops) }];
    case 'user':
      return [{ role: 'user', content: encodeContent(message.content, field, drops) }];
    case 'assistant':
      return [encodeAssistant(message.content, field, drops)];
    case 'tool':
      return message.content.map((result, index) => encodeResult(result, `${field}.content[${index}]`, drops));
  }
}

function encodeContent(content: readonly (UserPart | ToolResultContent)[], field: string, drops: DropList): unknown {
  const parts = content.flatMap((part, index) => encodePart(part, `${field}.content[${index}]`, drops));
  const [only] = parts;
  if (only === undefined) return '';
  return parts.length === 1 && only['type'] === 'text' ? only['text'] : parts;
}

function encodePart(part: UserPart | ToolResultContent, field: string, drops: DropList): readonly JsonObject[] {
  if ('cache' in part && part.cache !== undefined) drops.hint('cache', 'Cohere has no cache markers');
  switch (part.type) {
    case 'text':
      return [{ type: 'text', text: part.text }];
    case 'image': {
      const image = encodeImageUrl(part);
      if (image !== undefined) return [image];
      drops.meaning(field, 'Cohere takes images by URL or as base64, not by the id of a file');
      return [];
    }
    case 'document':
      return encodeDocument(part, field, drops);
    case 'audio':
    case 'video':
      drops.meaning(field, `Cohere takes no ${part.type === 'audio' ? 'sound' : 'video'}`);
      return [];
    case 'foreign':
      if (part.format === FORMAT) return [part.value as JsonObject];
      drops.foreign(field, part.format);
      return [];
  }
}

function encodeDocument({ source, name, context, citations }: DocumentPart, field: string, drops: DropList): readonly JsonObject[] {
  if (source.type !== 'text') {
    drops.meaning(field, 'Cohere takes documents as text only');
    return [];
  }
  if (citations === true) drops.meaning(`${field}.citations`, 'a document in a message is not cited by Cohere; send it in the field documents');
  return [{ type: 'text', text: [context, name === undefined ? source.text : `${name}:\n${source.text}`].filter((text) => text !== undefined).join('\n') }];
}

function encodeAssistant(content: readonly AssistantPart[], field: string, drops: DropList): JsonObject {
  const called = content.some((part) => part.type === 'tool-call');
  const parts: JsonObject[] = [];
  const calls: JsonObject[] = [];
  const plan: string[] = [];
  for (const [index, part] of content.entries()) {
    if ('cache' in part && part.cache !== undefined) drops.hint('cache', 'Cohere has no cache markers');
    switch (part.type) {
      case 'text':
      case 'refusal':
        if (part.text !== '') parts.push({ type: 'text', text: part.text });
        break;
      case 'tool-call': {
        const text = part.custom === true ? toFunctionArguments(part.arguments) : part.arguments;
        calls.push({ id: part.id, type: 'function', function: { name: part.name, arguments: text === '' ? '{}' : text } });
        break;
      }
      case 'reasoning':
        if (part.seal !== undefined) drops.hint('messages.reasoning', 'reasoning that another vendor sealed can not be sent here');
        else if (called) plan.push(part.text);
        else parts.push({ type: 'thinking', thinking: part.text });
        break;
      case 'foreign':
        if (part.format === FORMAT) parts.push(part.value as JsonObject);
        else drops.foreign(`${field}.content[${index}]`, part.format);
        break;
    }
  }
  const [only] = parts;
  return {
    role: 'assistant',
    ...(plan.length === 0 ? {} : { tool_plan: plan.join('') }),
    ...(calls.length === 0 ? {} : { tool_calls: calls }),
    ...(only === undefined ? (called ? {} : { content: '' }) : { content: parts.length === 1 && only['type'] === 'text' ? only['text'] : parts }),
  };
}

/** Cohere has no mark for a failed tool, so the text says it. */
function encodeResult(result: ToolResultPart, field: string, drops: DropList): JsonObject {
  if (result.cache !== undefined) drops.hint('cache', 'Cohere has no cache markers');
  const [first, ...rest] = result.content;
  const marked = result.isError === true ? (first?.type === 'text' ? [{ ...first, text: toErrorText(first.text) }, ...rest] : result.content) : result.content;
  return { role: 'tool', tool_call_id: result.callId, content: encodeContent(marked, field, drops) };
}
