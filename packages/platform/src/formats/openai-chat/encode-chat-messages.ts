import type { CanonicalMessage, ToolMessage } from '../canonical/message.ts';
import type { AssistantPart, ReasoningPart, ToolCallPart, UserPart } from '../canonical/part.ts';
import type { DropList } from '../drop-list.ts';
import { asObject, isObject, type JsonObject } from '../json-value.ts';
import { toErrorText } from '../tool-error.ts';
import { encodeUserPart, splitToolResult } from './chat-parts.ts';

/** The messages as the chat API takes them: one message per tool result, pictures of results in a user's message after them. */
export const encodeChatMessages = (messages: readonly CanonicalMessage[], drops: DropList): readonly JsonObject[] =>
  messages.flatMap((message, index) => encodeMessage(message, `messages[${index}]`, drops));

function encodeMessage(message: CanonicalMessage, field: string, drops: DropList): readonly JsonObject[] {
  switch (message.role) {
    case 'system':
    case 'developer':
      return [{ role: message.role, content: encodeContent(message.content, field, drops) }];
    case 'user':
      return [{ role: 'user', content: encodeContent(message.content, field, drops), ...(message.name === undefined ? {} : { name: message.name }) }];
    case 'assistant':
      return [encodeAssistant(message.content, message.name, { field, drops })];
    case 'tool':
      return encodeToolResults(message, field, drops);
  }
}

function encodeContent(content: readonly UserPart[], field: string, drops: DropList): unknown {
  const parts = content.flatMap((part, index) => encodeUserPart(part, `${field}.content[${index}]`, drops));
  const [only] = parts;
  if (parts.length === 0) return '';
  return parts.length === 1 && only?.['type'] === 'text' ? only['text'] : parts;
}

interface Place {
  readonly field: string;
  readonly drops: DropList;
}

function encodeAssistant(content: readonly AssistantPart[], name: string | undefined, place: Place): JsonObject {
  const texts: string[] = [];
  const reasoning: ReasoningPart[] = [];
  const calls: ToolCallPart[] = [];
  const refusals: string[] = [];
  let audio: JsonObject = {};
  for (const [index, part] of content.entries()) {
    if (part.type === 'text') texts.push(part.text);
    else if (part.type === 'reasoning') reasoning.push(part);
    else if (part.type === 'tool-call') calls.push(part);
    else if (part.type === 'refusal') refusals.push(part.text);
    else if (part.format === 'openai-chat' && isObject(part.value)) audio = asObject(part.value);
    else place.drops.foreign(`${place.field}.content[${index}]`, part.format);
    if ('cache' in part && part.cache !== undefined) place.drops.hint('cache', 'servers of the OpenAI API cache prompts by themselves');
  }
  return {
    role: 'assistant',
    content: texts.length === 0 ? (calls.length > 0 || refusals.length > 0 ? null : '') : texts.join(''),
    ...encodeReasoning(reasoning, place.drops),
    ...(refusals.length === 0 ? {} : { refusal: refusals.join('') }),
    ...(calls.length === 0 ? {} : { tool_calls: calls.map(encodeToolCall) }),
    ...(name === undefined ? {} : { name }),
    ...audio,
  };
}

/** Servers that show their reasoning take it back as text; sealed reasoning belongs to another format, and is not sent. */
function encodeReasoning(parts: readonly ReasoningPart[], drops: DropList): JsonObject {
  const own = parts.filter((part) => part.seal === undefined || part.seal.format === 'openai-chat');
  if (own.length < parts.length) drops.hint('messages.reasoning', 'reasoning that was sealed for another format can not be sent here');
  const text = own.map((part) => part.text).join('');
  return text === '' ? {} : { reasoning_content: text };
}

/** A tool call as a message of the chat API holds it. */
export function encodeToolCall(call: ToolCallPart): JsonObject {
  if (call.custom === true) return { id: call.id, type: 'custom', custom: { name: call.name, input: call.arguments } };
  return { id: call.id, type: 'function', function: { name: call.name, arguments: call.arguments === '' ? '{}' : call.arguments } };
}

function encodeToolResults(message: ToolMessage, field: string, drops: DropList): readonly JsonObject[] {
  const results: JsonObject[] = [];
  const following: JsonObject[] = [];
  for (const [index, result] of message.content.entries()) {
    const { texts, others } = splitToolResult(result.content);
    if (result.cache !== undefined || result.content.some((part) => 'cache' in part && part.cache !== undefined)) {
      drops.hint('cache', 'servers of the OpenAI API cache prompts by themselves');
    }
    results.push({ role: 'tool', tool_call_id: result.callId, content: toResultContent(texts, result.isError === true, others.length > 0) });
    if (others.length === 0) continue;
    following.push({ type: 'text', text: `Content of the result of tool call ${result.callId}:` });
    following.push(...others.flatMap((part, at) => encodeUserPart(part, `${field}.content[${index}].content[${at}]`, drops)));
  }
  return following.length === 0 ? results : [...results, { role: 'user', content: following }];
}

function toResultContent(texts: readonly string[], isError: boolean, follows: boolean): unknown {
  const [first = follows ? 'The content follows in the next message.' : '', ...rest] = texts;
  const marked = isError ? toErrorText(first) : first;
  return rest.length === 0 ? marked : [marked, ...rest].map((text) => ({ type: 'text', text }));
}
