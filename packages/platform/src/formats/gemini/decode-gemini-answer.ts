import { PlatformError } from '@maru/api/errors';
import type { CanonicalAnswer } from '../canonical/answer.ts';
import type { AssistantPart, Seal } from '../canonical/part.ts';
import { asList, asString, compact, isObject, type JsonObject } from '../json-value.ts';
import { camelObject } from './camel-keys.ts';
import { fromGeminiFinish } from './gemini-finish.ts';
import { readGeminiLogprobs } from './gemini-logprobs.ts';
import { toForeign } from './gemini-parts.ts';
import { readGeminiUsage } from './gemini-usage.ts';

/** The answer of `generateContent`. A prompt that was blocked is an answer without parts. Throws `upstream_garbage` for anything else. */
export function decodeGeminiAnswer(value: unknown): CanonicalAnswer {
  const body = camelObject(value);
  const blocked = camelObject(body['promptFeedback'])['blockReason'];
  const candidate = asList(body['candidates'])[0];
  if (!isObject(candidate) && typeof blocked !== 'string') {
    throw new PlatformError('upstream_garbage', { message: 'the engine answered with something that is not of the Gemini API' });
  }
  const fields = camelObject(candidate);
  const id = asString(body['responseId']) ?? '';
  const parts: AssistantPart[] = [];
  for (const part of asList(camelObject(fields['content'])['parts'])) parts.push(...readAnswerPart(camelObject(part), `${id}${parts.length}`));
  addNotes(parts, fields);
  const called = parts.some((part) => part.type === 'tool-call');
  return {
    id,
    model: asString(body['modelVersion']) ?? '',
    parts: joinTexts(parts),
    finishReason: isObject(candidate) ? fromGeminiFinish(fields['finishReason'], called) : 'content-filter',
    ...compact({ usage: readGeminiUsage(body['usageMetadata']), logprobs: readGeminiLogprobs(fields['logprobsResult']) }),
  };
}

/** One part of an answer; a signature stands as empty reasoning before what it signs, and within a thought as its seal. */
export function readAnswerPart(part: JsonObject, missingId: string): readonly AssistantPart[] {
  const seal = sealOf(part);
  const text = asString(part['text']);
  if (part['thought'] === true) return [{ type: 'reasoning', text: text ?? '', ...(seal === undefined ? {} : { seal }) }];
  const before: readonly AssistantPart[] = seal === undefined ? [] : [{ type: 'reasoning', text: '', seal }];
  if (text !== undefined) return text === '' ? before : [...before, { type: 'text', text }];
  if (!isObject(part['functionCall'])) {
    const { thoughtSignature: _, ...rest } = part;
    return Object.keys(rest).length === 0 ? before : [...before, toForeign(rest)];
  }
  const call = camelObject(part['functionCall']);
  const args = isObject(call['args']) ? JSON.stringify(call['args']) : '{}';
  return [...before, { type: 'tool-call', id: asString(call['id']) || toCallId(missingId), name: asString(call['name']) ?? '', arguments: args }];
}

function sealOf(part: JsonObject): Seal | undefined {
  const signature = asString(part['thoughtSignature']);
  return signature === undefined || signature === '' ? undefined : { format: 'gemini', kind: 'signature', value: signature };
}

/** Gemini mostly gives its calls no id, and the client needs one to answer by. */
const toCallId = (text: string): string => `call_${text.replace(/[^A-Za-z0-9]/g, '').slice(-20)}`;

/** What Google says about the sources of a text. */
export function readNotes(candidate: JsonObject): readonly JsonObject[] {
  return ['groundingMetadata', 'citationMetadata', 'urlContextMetadata'].flatMap((name) => {
    const value = candidate[name];
    return isObject(value) && Object.keys(value).length > 0 ? [{ [name]: value }] : [];
  });
}

function addNotes(parts: AssistantPart[], candidate: JsonObject): void {
  const value = readNotes(candidate);
  const at = parts.findLastIndex((part) => part.type === 'text');
  const part = parts[at];
  if (value.length > 0 && part?.type === 'text') parts[at] = { ...part, notes: { format: 'gemini', value } };
}

/** Neighbouring pieces of one text, or of one thought, are one part. */
function joinTexts(parts: readonly AssistantPart[]): readonly AssistantPart[] {
  const joined: AssistantPart[] = [];
  for (const part of parts) {
    const last = joined.at(-1);
    if (part.type === 'text' && last?.type === 'text' && last.notes === undefined) joined[joined.length - 1] = { ...part, text: last.text + part.text };
    else if (part.type === 'reasoning' && part.text !== '' && last?.type === 'reasoning' && last.text !== '' && last.seal === undefined) {
      joined[joined.length - 1] = { ...part, text: last.text + part.text };
    } else joined.push(part);
  }
  return joined;
}
