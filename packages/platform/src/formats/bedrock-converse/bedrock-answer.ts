import { PlatformError } from '@maru/api/errors';
import { completionTokens, promptTokens, type Usage } from '@maru/api/records';
import type { CanonicalAnswer, FinishReason } from '../canonical/answer.ts';
import type { AssistantPart } from '../canonical/part.ts';
import type { AnswerContext } from '../format.ts';
import { asCount, asList, asObject, asString, isObject, type JsonObject } from '../json-value.ts';
import { wrapSeal } from '../seal.ts';
import { readAssistantBlock } from './bedrock-blocks.ts';
import { toReasoningBlock } from './encode-bedrock-messages.ts';

const FROM: Readonly<Record<string, FinishReason>> = Object.freeze({
  end_turn: 'stop',
  stop_sequence: 'stop-sequence',
  max_tokens: 'length',
  model_context_window_exceeded: 'context',
  tool_use: 'tool-calls',
  guardrail_intervened: 'content-filter',
  content_filtered: 'content-filter',
  malformed_model_output: 'error',
  malformed_tool_use: 'error',
});

const TO: Readonly<Record<FinishReason, string>> = Object.freeze({
  stop: 'end_turn',
  'stop-sequence': 'stop_sequence',
  length: 'max_tokens',
  context: 'model_context_window_exceeded',
  'tool-calls': 'tool_use',
  refusal: 'content_filtered',
  'content-filter': 'content_filtered',
  pause: 'end_turn',
  error: 'malformed_model_output',
  other: 'end_turn',
});

export const fromBedrockStop = (reason: unknown): FinishReason => (typeof reason === 'string' ? (FROM[reason] ?? 'other') : 'other');

/** The answer of Converse. Throws `upstream_garbage` for anything else. */
export function decodeBedrockAnswer(value: unknown): CanonicalAnswer {
  const body = asObject(value);
  const message = asObject(body['output'])['message'];
  if (!isObject(message)) throw new PlatformError('upstream_garbage', { message: 'the engine answered with something that is not of the Converse API' });
  const usage = readBedrockUsage(body['usage']);
  const stopSequence = asString(asObject(body['additionalModelResponseFields'])['stop_sequence']);
  return {
    id: '',
    model: '',
    parts: asList(message['content']).map((block) => readAssistantBlock(asObject(block))),
    finishReason: fromBedrockStop(body['stopReason']),
    ...(stopSequence === undefined ? {} : { stopSequence }),
    ...(usage === undefined ? {} : { usage }),
  };
}

export function encodeBedrockAnswer(answer: CanonicalAnswer, _context: AnswerContext): JsonObject {
  const { usage, stopSequence } = answer;
  return {
    output: { message: { role: 'assistant', content: answer.parts.map(encodePart) } },
    stopReason: TO[answer.finishReason],
    ...(usage === undefined ? {} : { usage: toBedrockUsage(usage) }),
    ...(stopSequence === undefined ? {} : { additionalModelResponseFields: { stop_sequence: stopSequence } }),
  };
}

function encodePart(part: AssistantPart): JsonObject {
  switch (part.type) {
    case 'text':
    case 'refusal':
      return { text: part.text };
    case 'tool-call':
      return { toolUse: { toolUseId: part.id, name: part.name, input: readInput(part.arguments) } };
    case 'reasoning':
      return toReasoningBlock(part, part.seal === undefined ? undefined : wrapSeal(part.seal, 'bedrock-converse'));
    case 'foreign':
      return part.format === 'bedrock-converse' ? asObject(part.value) : { text: '' };
  }
}

function readInput(text: string): unknown {
  try {
    return text.trim() === '' ? {} : (JSON.parse(text) as unknown);
  } catch {
    return { input: text };
  }
}

/** Bedrock counts cached tokens beside `inputTokens`, as Anthropic does. Undefined when neither count is there. */
export function readBedrockUsage(value: unknown): Usage | undefined {
  if (!isObject(value) || (typeof value['inputTokens'] !== 'number' && typeof value['outputTokens'] !== 'number')) return undefined;
  const written = asCount(value['cacheWriteInputTokens'] ?? value['cacheWriteInputTokenCount']);
  const long = asList(value['cacheDetails']).reduce<number>((sum, entry) => {
    const detail = asObject(entry);
    return detail['ttl'] === '1h' ? sum + asCount(detail['inputTokens']) : sum;
  }, 0);
  const cacheWriteLongTokens = Math.min(written, long);
  return {
    inputTokens: asCount(value['inputTokens']),
    cacheReadTokens: asCount(value['cacheReadInputTokens'] ?? value['cacheReadInputTokenCount']),
    cacheWriteTokens: written - cacheWriteLongTokens,
    outputTokens: asCount(value['outputTokens']),
    reasoningTokens: 0,
    ...(cacheWriteLongTokens > 0 ? { cacheWriteLongTokens } : {}),
  };
}

function toBedrockUsage(usage: Usage): JsonObject {
  const { cacheReadTokens, cacheWriteTokens, cacheWriteLongTokens = 0 } = usage;
  const written = cacheWriteTokens + cacheWriteLongTokens;
  return {
    inputTokens: promptTokens(usage) - cacheReadTokens - written,
    outputTokens: completionTokens(usage),
    totalTokens: promptTokens(usage) + completionTokens(usage),
    cacheReadInputTokens: cacheReadTokens,
    cacheWriteInputTokens: written,
    ...(cacheWriteLongTokens > 0 ? { cacheDetails: [{ ttl: '1h', inputTokens: cacheWriteLongTokens }] } : {}),
  };
}
