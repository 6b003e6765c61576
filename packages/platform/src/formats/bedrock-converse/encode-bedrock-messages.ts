import { toCallInput } from '../call-input.ts';
import { type JoinedTurns, joinTurns } from '../canonical/join-turns.ts';
import type { CanonicalMessage } from '../canonical/message.ts';
import type { AssistantPart, CacheMarker, ReasoningPart, ToolResultPart, UserPart } from '../canonical/part.ts';
import type { DropList } from '../drop-list.ts';
import type { JsonObject } from '../json-value.ts';
import { toCachePoint } from './bedrock-blocks.ts';
import { encodeMedia } from './bedrock-media.ts';

const FORMAT = 'bedrock-converse';

/** The turns as Bedrock wants them, without blank text. */
export const encodeBedrockMessages = (messages: readonly CanonicalMessage[], drops: DropList): JoinedTurns =>
  joinTurns(messages, drops, (message, field) => encodeTurn(message, field, drops));

function encodeTurn(message: CanonicalMessage, field: string, drops: DropList): readonly JsonObject[] {
  if ('name' in message && message.name !== undefined) drops.hint(`${field}.name`, 'Bedrock has no names of persons');
  return message.content.flatMap((part, index) => {
    const at = `${field}.content[${index}]`;
    const blocks =
      message.role === 'assistant' ? encodeAssistantPart(part as AssistantPart, at, drops) : encodePart(part as UserPart | ToolResultPart, at, drops);
    return blocks.length === 0 ? [] : [...blocks, ...cacheOf(part)];
  });
}

const cacheOf = (part: object): readonly JsonObject[] => {
  const { cache } = part as { readonly cache?: CacheMarker };
  return cache === undefined ? [] : [toCachePoint(cache)];
};

const isBlank = (text: string): boolean => text.trim() === '';

function encodePart(part: UserPart | ToolResultPart, field: string, drops: DropList): readonly JsonObject[] {
  switch (part.type) {
    case 'text':
      return isBlank(part.text) ? [] : [{ text: part.text }];
    case 'image':
    case 'document':
    case 'video':
      return encodeMedia(part, { field, drops });
    case 'audio':
      drops.meaning(field, 'Converse takes no sound');
      return [];
    case 'tool-result':
      return [encodeToolResult(part, field, drops)];
    case 'foreign':
      if (part.format === FORMAT) return [part.value as JsonObject];
      drops.foreign(field, part.format);
      return [];
  }
}

function encodeToolResult(result: ToolResultPart, field: string, drops: DropList): JsonObject {
  const content = result.content.flatMap((part, index) => {
    if ('cache' in part && part.cache !== undefined) drops.hint('cache', 'Bedrock caches up to whole blocks, not inside the result of a tool');
    return encodePart(part, `${field}.content[${index}]`, drops);
  });
  return {
    toolResult: {
      toolUseId: toToolUseId(result.callId),
      content: content.length === 0 ? [{ text: ' ' }] : content,
      ...(result.isError === undefined ? {} : { status: result.isError ? 'error' : 'success' }),
    },
  };
}

function encodeAssistantPart(part: AssistantPart, field: string, drops: DropList): readonly JsonObject[] {
  switch (part.type) {
    case 'text':
    case 'refusal':
      return isBlank(part.text) ? [] : [{ text: part.text }];
    case 'tool-call':
      return [{ toolUse: { toolUseId: toToolUseId(part.id), name: part.name, input: toCallInput(part, field, drops) } }];
    case 'reasoning':
      if (part.seal?.format === FORMAT) return [toReasoningBlock(part, part.seal.value)];
      drops.hint('messages.reasoning', 'Bedrock takes back only reasoning that its models signed');
      return [];
    case 'foreign':
      if (part.format === FORMAT) return [part.value as JsonObject];
      drops.foreign(field, part.format);
      return [];
  }
}

/** A thought with its signature, or what was redacted of it. */
export function toReasoningBlock(part: ReasoningPart, seal: string | undefined): JsonObject {
  if (part.seal?.kind === 'encrypted' && part.text === '') return { reasoningContent: { redactedContent: seal ?? '' } };
  return { reasoningContent: { reasoningText: { text: part.text, ...(seal === undefined ? {} : { signature: seal }) } } };
}

/** Bedrock allows letters, digits, `_` and `-` in the id of a call, and 64 of them. */
const toToolUseId = (id: string): string => id.replace(/[^A-Za-z0-9_-]/g, '_').slice(-64);
