import type { CanonicalAnswer } from '../canonical/answer.ts';
import type { AssistantPart, Seal } from '../canonical/part.ts';
import type { AnswerContext } from '../format.ts';
import { asObject, isObject, type JsonObject } from '../json-value.ts';
import { wrapSeal } from '../seal.ts';
import { toGeminiFinish } from './gemini-finish.ts';
import { toGeminiLogprobs } from './gemini-logprobs.ts';
import { toGeminiUsage } from './gemini-usage.ts';

/** The answer of `generateContent`. */
export function encodeGeminiAnswer(answer: CanonicalAnswer, context: AnswerContext): JsonObject {
  const { usage, logprobs } = answer;
  return {
    candidates: [
      {
        content: { role: 'model', parts: encodeAnswerParts(answer.parts) },
        finishReason: toGeminiFinish(answer.finishReason),
        index: 0,
        ...(logprobs === undefined ? {} : { logprobsResult: toGeminiLogprobs(logprobs) }),
        ...notesOf(answer.parts),
      },
    ],
    ...(usage === undefined ? {} : { usageMetadata: toGeminiUsage(usage) }),
    modelVersion: answer.model === '' ? context.request.model : answer.model,
    responseId: context.id,
  };
}

function encodeAnswerParts(parts: readonly AssistantPart[]): readonly JsonObject[] {
  const out: JsonObject[] = [];
  let waiting: Seal | undefined;
  for (const part of parts) {
    if (part.type === 'reasoning' && part.text === '') {
      waiting = part.seal;
      continue;
    }
    const seal = part.type === 'reasoning' ? part.seal : waiting;
    out.push({ ...encodeAnswerPart(part), ...toSignature(seal) });
    if (part.type !== 'reasoning') waiting = undefined;
  }
  if (waiting !== undefined) out.push({ text: '', ...toSignature(waiting) });
  return out;
}

/** The field `thoughtSignature`, to spread. */
export const toSignature = (seal: Seal | undefined): JsonObject => (seal === undefined ? {} : { thoughtSignature: wrapSeal(seal, 'gemini') });

function encodeAnswerPart(part: AssistantPart): JsonObject {
  switch (part.type) {
    case 'text':
    case 'refusal':
      return { text: part.text };
    case 'reasoning':
      return { text: part.text, thought: true };
    case 'tool-call':
      return toFunctionCall(part);
    case 'foreign':
      return part.format === 'gemini' ? asObject(part.value) : { text: '' };
  }
}

/** A call for a client; arguments that are no object stand in one, because Gemini's clients read nothing else. */
export function toFunctionCall({ id, name, arguments: text }: { readonly id: string; readonly name: string; readonly arguments: string }): JsonObject {
  return { functionCall: { id, name, args: readArguments(text) } };
}

function readArguments(text: string): JsonObject {
  if (text.trim() === '') return {};
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : { input: value };
  } catch {
    return { input: text };
  }
}

function notesOf(parts: readonly AssistantPart[]): JsonObject {
  const notes = parts.flatMap((part) => (part.type === 'text' && part.notes?.format === 'gemini' ? part.notes.value : []));
  return Object.assign({}, ...notes.map(asObject)) as JsonObject;
}
