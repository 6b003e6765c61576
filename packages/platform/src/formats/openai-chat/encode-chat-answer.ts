import type { CanonicalAnswer } from '../canonical/answer.ts';
import { fitCustomCalls } from '../canonical/custom-calls.ts';
import type { ReasoningPart, TextPart, ToolCallPart } from '../canonical/part.ts';
import type { AnswerContext } from '../format.ts';
import { asObject, isObject, type JsonObject } from '../json-value.ts';
import { toChatFinish } from './chat-finish.ts';
import { toLogprobs } from './chat-logprobs.ts';
import { toChatReasoning } from './chat-reasoning.ts';
import { encodeToolCall } from './encode-chat-messages.ts';
import { toChatUsage } from './openai-usage.ts';

/** The answer as a client of the chat API expects it. */
export function encodeChatAnswer(answer: CanonicalAnswer, context: AnswerContext): JsonObject {
  const parts = fitCustomCalls(answer.parts, context.request.tools);
  const refusals = parts.flatMap((part) => (part.type === 'refusal' ? [part.text] : []));
  return {
    id: `chatcmpl-${context.id}`,
    object: 'chat.completion',
    created: answer.createdS ?? context.createdS,
    model: answer.model === '' ? context.request.model : answer.model,
    choices: [
      {
        index: 0,
        message: {
          role: 'assistant',
          ...encodeText(parts.filter((part): part is TextPart => part.type === 'text')),
          refusal: refusals.length === 0 ? null : refusals.join(''),
          ...toChatReasoning(parts.filter((part): part is ReasoningPart => part.type === 'reasoning')),
          ...encodeCalls(parts.filter((part): part is ToolCallPart => part.type === 'tool-call')),
          ...parts.reduce((all, part) => (part.type === 'foreign' && part.format === 'openai-chat' && isObject(part.value) ? asObject(part.value) : all), {}),
        },
        logprobs: answer.logprobs === undefined ? null : { content: toLogprobs(answer.logprobs), refusal: null },
        finish_reason: toChatFinish(answer.finishReason, refusals.length > 0),
        ...(answer.stopSequence === undefined ? {} : { stop_reason: answer.stopSequence }),
      },
    ],
    ...(answer.usage === undefined ? {} : { usage: toChatUsage(answer.usage) }),
    ...(answer.serviceTier === undefined ? {} : { service_tier: answer.serviceTier }),
    ...(answer.fingerprint === undefined ? {} : { system_fingerprint: answer.fingerprint }),
  };
}

function encodeText(parts: readonly TextPart[]): JsonObject {
  const annotations = parts.flatMap((part) => (part.notes?.format === 'openai-chat' ? part.notes.value : []));
  return { content: parts.length === 0 ? null : parts.map((part) => part.text).join(''), ...(annotations.length === 0 ? {} : { annotations }) };
}

const encodeCalls = (calls: readonly ToolCallPart[]): JsonObject => (calls.length === 0 ? {} : { tool_calls: calls.map(encodeToolCall) });
