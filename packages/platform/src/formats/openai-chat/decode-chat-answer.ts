import { PlatformError } from '@maru/api/errors';
import type { CanonicalAnswer } from '../canonical/answer.ts';
import type { AssistantPart, ReasoningPart, ToolCallPart } from '../canonical/part.ts';
import { asList, asNumber, asObject, asString, compact, isObject, type JsonObject } from '../json-value.ts';
import { fromChatFinish } from './chat-finish.ts';
import { readLogprobs } from './chat-logprobs.ts';
import { readChatReasoning } from './chat-reasoning.ts';
import { readChatUsage } from './openai-usage.ts';

/** The answer of a chat that was not streamed. Throws `upstream_garbage` for anything else. */
export function decodeChatAnswer(value: unknown): CanonicalAnswer {
  const body = asObject(value);
  const choice = asObject(asList(body['choices'])[0]);
  const message = choice['message'];
  if (!isObject(message)) throw new PlatformError('upstream_garbage', { message: 'the engine answered with something that is not a chat completion' });
  const id = asString(body['id']) ?? '';
  const parts = decodeAnswerMessage(message, id);
  const refused = parts.some((part) => part.type === 'refusal');
  const reason = fromChatFinish(choice['finish_reason'], refused);
  const stopText = reason === 'stop' ? asString(choice['stop_reason']) : undefined;
  return {
    id,
    model: asString(body['model']) ?? '',
    parts,
    finishReason: stopText === undefined ? reason : 'stop-sequence',
    ...compact({
      stopSequence: stopText,
      usage: readChatUsage(body['usage']),
      logprobs: readLogprobs(asObject(choice['logprobs'])['content']),
      createdS: asNumber(body['created']),
      serviceTier: asString(body['service_tier']),
      fingerprint: asString(body['system_fingerprint']),
    }),
  };
}

function decodeAnswerMessage(message: JsonObject, id: string): readonly AssistantPart[] {
  const parts: AssistantPart[] = [...readChatReasoning(message), ...decodeContent(message)];
  const refusal = asString(message['refusal']);
  if (refusal !== undefined && refusal !== '') parts.push({ type: 'refusal', text: refusal });
  for (const [index, call] of asList(message['tool_calls']).entries()) parts.push(decodeCall(asObject(call), missingCallId(id, index)));
  const legacy = asObject(message['function_call']);
  const name = asString(legacy['name']);
  if (name !== undefined) parts.push({ type: 'tool-call', id: missingCallId(id, 0), name, arguments: asString(legacy['arguments']) ?? '' });
  if (isObject(message['audio'])) parts.push({ type: 'foreign', format: 'openai-chat', value: { audio: message['audio'] } });
  return parts;
}

/** Some servers give their tool calls no id, and the client needs one to answer by. */
export const missingCallId = (answerId: string, index: number): string => `call_${answerId.replace(/[^A-Za-z0-9]/g, '').slice(-16)}${index}`;

function decodeContent(message: JsonObject): readonly AssistantPart[] {
  const { content } = message;
  if (typeof content === 'string') return content === '' ? [] : [withNotes(content, message['annotations'])];
  return asList(content).flatMap(decodeContentPart);
}

/** A part of a list of content, as Mistral answers. */
export function decodeContentPart(value: unknown): readonly (AssistantPart & { readonly type: 'text' | 'reasoning' })[] {
  const part = asObject(value);
  if (part['type'] === 'text') return [{ type: 'text', text: asString(part['text']) ?? '' }];
  if (part['type'] !== 'thinking') return [];
  const { thinking } = part;
  const text =
    typeof thinking === 'string'
      ? thinking
      : asList(thinking)
          .map((piece) => asString(asObject(piece)['text']) ?? '')
          .join('');
  return text === '' ? [] : [{ type: 'reasoning', text } satisfies ReasoningPart];
}

function withNotes(text: string, annotations: unknown): AssistantPart {
  const value = asList(annotations);
  return value.length === 0 ? { type: 'text', text } : { type: 'text', text, notes: { format: 'openai-chat', value } };
}

function decodeCall(call: JsonObject, missingId: string): ToolCallPart {
  const id = asString(call['id']) || missingId;
  if (call['type'] === 'custom') {
    const custom = asObject(call['custom']);
    return { type: 'tool-call', id, name: asString(custom['name']) ?? '', arguments: asString(custom['input']) ?? '', custom: true };
  }
  const called = asObject(call['function']);
  const given = called['arguments'];
  return { type: 'tool-call', id, name: asString(called['name']) ?? '', arguments: isObject(given) ? JSON.stringify(given) : (asString(given) ?? '') };
}
