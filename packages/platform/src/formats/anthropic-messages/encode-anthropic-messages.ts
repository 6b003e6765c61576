import { toCallInput } from '../call-input.ts';
import type { CanonicalMessage } from '../canonical/message.ts';
import type { AssistantPart, ToolCallPart, ToolResultPart } from '../canonical/part.ts';
import type { DropList } from '../drop-list.ts';
import type { JsonObject } from '../json-value.ts';
import { toCacheControl } from '../read-cache.ts';
import { toThinkingBlock } from '../thinking-block.ts';
import { encodeBlock, encodeText, isBlank } from './anthropic-parts.ts';

interface Turn {
  readonly role: 'user' | 'assistant';
  readonly content: JsonObject[];
}

/** The turns as Anthropic wants them: instructions apart, tool results in the user's turn, neighbours of one role joined. */
export function encodeAnthropicMessages(
  messages: readonly CanonicalMessage[],
  drops: DropList,
): { readonly system: readonly JsonObject[]; readonly turns: readonly Turn[] } {
  const system: JsonObject[] = [];
  const turns: Turn[] = [];
  for (const [index, message] of messages.entries()) {
    const field = `messages[${index}]`;
    const blocks = encodeTurn(message, field, drops);
    if (message.role === 'system' || message.role === 'developer') {
      if (turns.length > 0) drops.hint(field, 'instructions stand before the conversation in this format');
      system.push(...blocks);
      continue;
    }
    const role = message.role === 'assistant' ? 'assistant' : 'user';
    const last = turns.at(-1);
    if (last?.role === role) last.content.push(...blocks);
    else if (blocks.length > 0) turns.push({ role, content: blocks });
  }
  return { system, turns };
}

function encodeTurn(message: CanonicalMessage, field: string, drops: DropList): JsonObject[] {
  const at = (index: number): string => `${field}.content[${index}]`;
  switch (message.role) {
    case 'system':
    case 'developer':
    case 'user':
      return message.content.flatMap((part, index) => encodeBlock(part, at(index), drops));
    case 'tool':
      return message.content.map((result, index) => encodeToolResult(result, at(index), drops));
    case 'assistant':
      return message.content.flatMap((part, index) => encodeAssistantPart(part, at(index), drops));
  }
}

function encodeToolResult(result: ToolResultPart, field: string, drops: DropList): JsonObject {
  return {
    type: 'tool_result',
    tool_use_id: toToolUseId(result.callId),
    content: result.content.flatMap((part, index) => encodeBlock(part, `${field}.content[${index}]`, drops)),
    ...(result.isError === undefined ? {} : { is_error: result.isError }),
    ...toCacheControl(result.cache),
  };
}

function encodeAssistantPart(part: AssistantPart, field: string, drops: DropList): readonly JsonObject[] {
  switch (part.type) {
    case 'text':
      return isBlank(part.text) ? [] : [encodeText(part)];
    case 'refusal':
      return isBlank(part.text) ? [] : [{ type: 'text', text: part.text }];
    case 'tool-call':
      return [encodeToolUse(part, field, drops)];
    case 'reasoning':
      if (part.seal?.format === 'anthropic-messages') return [toThinkingBlock(part)];
      drops.hint('messages.reasoning', 'Anthropic takes back only reasoning that it signed itself');
      return [];
    case 'foreign':
      if (part.format === 'anthropic-messages') return [part.value as JsonObject];
      drops.foreign(field, part.format);
      return [];
  }
}

function encodeToolUse(call: ToolCallPart, field: string, drops: DropList): JsonObject {
  return { type: 'tool_use', id: toToolUseId(call.id), name: call.name, input: toCallInput(call, field, drops), ...toCacheControl(call.cache) };
}

/** Anthropic allows letters, digits, `_` and `-` in the id of a call. */
const toToolUseId = (id: string): string => id.replace(/[^A-Za-z0-9_-]/g, '_');
