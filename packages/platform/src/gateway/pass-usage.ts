import { type Usage, ZERO_USAGE } from '@maru/api/records';
import { fromWireUsage } from '@maru/api/wire';
import type { Operation } from './door.ts';

type Json = Readonly<Record<string, unknown>>;

/** What is known of a call whose bytes were only passed on. */
export interface PassFacts {
  readonly operation: Operation;
  /** The request's JSON; empty for an upload. */
  readonly request: Json;
  /** The answer, where it is a JSON object. */
  readonly answer: Json | undefined;
  /** Of the prompt, estimated. */
  readonly promptTokens: number;
}

/** What a passed call used: as the engine reports it, else counted in the unit that its vendors charge by. */
export function usageOfPass(facts: PassFacts): { readonly usage: Usage; readonly estimated: boolean } {
  const reported = readReported(facts.answer);
  if (reported !== undefined) return { usage: reported, estimated: false };
  return { usage: { ...ZERO_USAGE, ...count(facts) }, estimated: true };
}

function readReported(answer: Json | undefined): Usage | undefined {
  const usage = objectOf(answer?.['usage']);
  const units = objectOf(objectOf(answer?.['meta'])['billed_units']);
  const searchUnits = whole(units['search_units']);
  if (searchUnits !== undefined) return { ...ZERO_USAGE, searchUnits };
  const mediaMs = usage['type'] === 'duration' ? milliseconds(usage['seconds']) : undefined;
  if (mediaMs !== undefined) return { ...ZERO_USAGE, mediaMs };
  const input = whole(usage['input_tokens']);
  const output = whole(usage['output_tokens']);
  if (input !== undefined || output !== undefined) return splitTokens(usage, input ?? 0, output ?? 0);
  const chat = fromWireUsage({ prompt_tokens: whole(usage['prompt_tokens']) ?? null, completion_tokens: whole(usage['completion_tokens']) ?? null });
  if (chat !== undefined) return chat;
  const total = whole(usage['total_tokens']);
  return total === undefined ? undefined : { ...ZERO_USAGE, inputTokens: total };
}

/** Tokens of text, sound and pictures are priced apart; no token is in two buckets. */
function splitTokens(usage: Json, input: number, output: number): Usage {
  const inside = objectOf(usage['input_tokens_details'] ?? usage['input_token_details']);
  const made = objectOf(usage['output_tokens_details'] ?? usage['output_token_details']);
  const imageInput = Math.min(input, whole(inside['image_tokens']) ?? 0);
  const audioInput = Math.min(input - imageInput, whole(inside['audio_tokens']) ?? 0);
  const cached = Math.min(input - imageInput - audioInput, whole(inside['cached_tokens']) ?? 0);
  const imageOutput = Math.min(output, whole(made['image_tokens']) ?? 0);
  const audioOutput = Math.min(output - imageOutput, whole(made['audio_tokens']) ?? 0);
  return {
    inputTokens: input - imageInput - audioInput - cached,
    cacheReadTokens: cached,
    cacheWriteTokens: 0,
    outputTokens: output - imageOutput - audioOutput,
    reasoningTokens: 0,
    ...(imageInput > 0 ? { imageInputTokens: imageInput } : {}),
    ...(audioInput > 0 ? { audioInputTokens: audioInput } : {}),
    ...(imageOutput > 0 ? { imageOutputTokens: imageOutput } : {}),
    ...(audioOutput > 0 ? { audioOutputTokens: audioOutput } : {}),
  };
}

function count({ operation, request, answer, promptTokens }: PassFacts): Partial<Usage> {
  switch (operation) {
    case 'speech':
      return { characters: lengthOf(request['input']) };
    case 'images':
    case 'image-edits':
      return { images: Array.isArray(answer?.['data']) ? answer['data'].length : (whole(request['n']) ?? 1) };
    case 'transcriptions':
    case 'translations':
      return heard(answer);
    case 'moderations':
    case 'rerank':
    case 'score':
      return { inputTokens: promptTokens };
    default:
      return {};
  }
}

/** The length of a recording as the answer says it, else the tokens of the text that was heard. */
function heard(answer: Json | undefined): Partial<Usage> {
  const mediaMs = milliseconds(answer?.['duration']);
  if (mediaMs !== undefined && mediaMs > 0) return { mediaMs };
  return { outputTokens: Math.max(1, Math.ceil(lengthOf(answer?.['text']) / 4)) };
}

const lengthOf = (text: unknown): number => (typeof text === 'string' ? [...text].length : 0);
/** Of a length in seconds; undefined for one that no recording has. */
const milliseconds = (seconds: unknown): number | undefined => (typeof seconds === 'number' ? whole(Math.round(seconds * 1000)) : undefined);
const whole = (value: unknown): number | undefined => (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined);
const objectOf = (value: unknown): Json => (typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : NOTHING);
const NOTHING: Json = Object.freeze({});
