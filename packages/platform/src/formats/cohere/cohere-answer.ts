import { PlatformError } from '@maru/api/errors';
import { completionTokens, promptTokens, type Usage } from '@maru/api/records';
import type { CanonicalAnswer, FinishReason } from '../canonical/answer.ts';
import type { AssistantPart } from '../canonical/part.ts';
import type { AnswerContext } from '../format.ts';
import { asList, asNumber, asObject, asString, isObject, type JsonObject } from '../json-value.ts';

const FROM: Readonly<Record<string, FinishReason>> = Object.freeze({
  COMPLETE: 'stop',
  STOP_SEQUENCE: 'stop-sequence',
  MAX_TOKENS: 'length',
  TOOL_CALL: 'tool-calls',
  ERROR_TOXIC: 'content-filter',
  ERROR_LIMIT: 'context',
  ERROR: 'error',
  TIMEOUT: 'error',
});

const TO: Readonly<Record<FinishReason, string>> = Object.freeze({
  stop: 'COMPLETE',
  'stop-sequence': 'STOP_SEQUENCE',
  length: 'MAX_TOKENS',
  context: 'MAX_TOKENS',
  'tool-calls': 'TOOL_CALL',
  refusal: 'COMPLETE',
  'content-filter': 'ERROR_TOXIC',
  pause: 'COMPLETE',
  error: 'ERROR',
  other: 'COMPLETE',
});

export const fromCohereFinish = (reason: unknown): FinishReason => (typeof reason === 'string' ? (FROM[reason] ?? 'other') : 'other');
export const toCohereFinish = (reason: FinishReason): string => TO[reason];

/** The answer of a chat that was not streamed. Throws `upstream_garbage` for anything else. */
export function decodeCohereAnswer(value: unknown): CanonicalAnswer {
  const body = asObject(value);
  const { message } = body;
  if (!isObject(message)) throw new PlatformError('upstream_garbage', { message: 'the engine answered with something that is not of the chat API of Cohere' });
  const plan = asString(message['tool_plan']);
  const usage = readCohereUsage(body['usage']);
  const content = asList(message['content']).map((part): AssistantPart => readPart(asObject(part)));
  const parts = [
    ...(plan === undefined || plan === '' ? [] : [{ type: 'reasoning' as const, text: plan }]),
    ...withCitations(content, asList(message['citations'])),
    ...asList(message['tool_calls']).map((call) => readCall(asObject(call))),
  ];
  return {
    id: asString(body['id']) ?? '',
    model: '',
    parts,
    finishReason: fromCohereFinish(body['finish_reason']),
    ...(usage === undefined ? {} : { usage }),
  };
}

function readPart(part: JsonObject): AssistantPart {
  if (part['type'] === 'text') return { type: 'text', text: asString(part['text']) ?? '' };
  if (part['type'] === 'thinking') return { type: 'reasoning', text: asString(part['thinking']) ?? '' };
  return { type: 'foreign', format: 'cohere-chat', value: part };
}

function readCall(call: JsonObject): AssistantPart {
  const called = asObject(call['function']);
  return { type: 'tool-call', id: asString(call['id']) ?? '', name: asString(called['name']) ?? '', arguments: asString(called['arguments']) ?? '' };
}

function withCitations(parts: readonly AssistantPart[], citations: readonly unknown[]): readonly AssistantPart[] {
  const at = parts.findLastIndex((part) => part.type === 'text');
  if (citations.length === 0 || at < 0) return parts;
  return parts.map((part, index) => (index === at && part.type === 'text' ? { ...part, notes: { format: 'cohere-chat', value: citations } } : part));
}

export function encodeCohereAnswer(answer: CanonicalAnswer, context: AnswerContext): JsonObject {
  const { parts, usage } = answer;
  const calls = parts.filter((part) => part.type === 'tool-call');
  const plan = calls.length === 0 ? '' : parts.flatMap((part) => (part.type === 'reasoning' ? [part.text] : [])).join('');
  const content = parts.flatMap((part): readonly JsonObject[] => {
    if (part.type === 'text' || part.type === 'refusal') return [{ type: 'text', text: part.text }];
    if (part.type === 'reasoning') return calls.length > 0 || part.text === '' ? [] : [{ type: 'thinking', thinking: part.text }];
    return part.type === 'foreign' && part.format === 'cohere-chat' ? [asObject(part.value)] : [];
  });
  const citations = parts.flatMap((part) => (part.type === 'text' && part.notes?.format === 'cohere-chat' ? part.notes.value : []));
  return {
    id: context.id,
    finish_reason: toCohereFinish(answer.finishReason),
    message: {
      role: 'assistant',
      ...(plan === '' ? {} : { tool_plan: plan }),
      ...(calls.length === 0
        ? {}
        : { tool_calls: calls.map((call) => ({ id: call.id, type: 'function', function: { name: call.name, arguments: call.arguments } })) }),
      ...(content.length === 0 ? {} : { content }),
      ...(citations.length === 0 ? {} : { citations }),
    },
    ...(usage === undefined ? {} : { usage: toCohereUsage(usage) }),
  };
}

/** What Cohere charges, in disjoint buckets; the tokens of its own template are counted beside them and are not charged. */
export function readCohereUsage(value: unknown): Usage | undefined {
  if (!isObject(value)) return undefined;
  const billed = isObject(value['billed_units']) ? value['billed_units'] : asObject(value['tokens']);
  if (billed['input_tokens'] === undefined && billed['output_tokens'] === undefined) return undefined;
  const input = wholeNumber(billed['input_tokens']);
  const cacheReadTokens = Math.min(input, wholeNumber(value['cached_tokens']));
  const searchUnits = wholeNumber(billed['search_units']);
  return {
    inputTokens: input - cacheReadTokens,
    cacheReadTokens,
    cacheWriteTokens: 0,
    outputTokens: wholeNumber(billed['output_tokens']),
    reasoningTokens: 0,
    ...(searchUnits > 0 ? { searchUnits } : {}),
  };
}

/** The usage object that clients of Cohere expect. */
export function toCohereUsage(usage: Usage): JsonObject {
  const counts = { input_tokens: promptTokens(usage), output_tokens: completionTokens(usage) };
  return {
    billed_units: { ...counts, ...(usage.searchUnits === undefined ? {} : { search_units: usage.searchUnits }) },
    tokens: counts,
    ...(usage.cacheReadTokens > 0 ? { cached_tokens: usage.cacheReadTokens } : {}),
  };
}

/** Cohere writes its counts as decimals. */
const wholeNumber = (value: unknown): number => Math.max(0, Math.round(asNumber(value) ?? 0));
