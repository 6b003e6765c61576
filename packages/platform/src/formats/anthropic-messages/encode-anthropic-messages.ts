import { toCallInput } from '../call-input.ts';
import { type JoinedTurns, joinTurns } from '../canonical/join-turns.ts';
import type { CanonicalMessage } from '../canonical/message.ts';
import type { AssistantPart, ToolCallPart, ToolResultPart } from '../canonical/part.ts';
import type { DropList } from '../drop-list.ts';
import type { JsonObject } from '../json-value.ts';
import { toCacheControl } from '../read-cache.ts';
import { toThinkingBlock } from '../thinking-block.ts';
import { encodeBlock, encodeText, isBlank } from './anthropic-parts.ts';

/** The turns as Anthropic wants them. */
export const encodeAnthropicMessages = (messages: readonly CanonicalMessage[], drops: DropList): JoinedTurns =>
  joinTurns(messages, drops, (message, field) => encodeTurn(message, field, drops));

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
