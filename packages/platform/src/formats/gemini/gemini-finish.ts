import type { FinishReason } from '../canonical/answer.ts';

const FROM: Readonly<Record<string, FinishReason>> = Object.freeze({
  STOP: 'stop',
  MAX_TOKENS: 'length',
  SAFETY: 'content-filter',
  RECITATION: 'content-filter',
  LANGUAGE: 'content-filter',
  BLOCKLIST: 'content-filter',
  PROHIBITED_CONTENT: 'content-filter',
  SPII: 'content-filter',
  IMAGE_SAFETY: 'content-filter',
  IMAGE_PROHIBITED_CONTENT: 'content-filter',
  IMAGE_RECITATION: 'content-filter',
  MODEL_ARMOR: 'content-filter',
  MALFORMED_FUNCTION_CALL: 'error',
  UNEXPECTED_TOOL_CALL: 'error',
  TOO_MANY_TOOL_CALLS: 'error',
  MISSING_THOUGHT_SIGNATURE: 'error',
  MALFORMED_RESPONSE: 'error',
  OTHER: 'other',
});

/** Gemini says STOP after a tool call too. */
export function fromGeminiFinish(reason: unknown, calledTools: boolean): FinishReason {
  const known = typeof reason === 'string' ? (FROM[reason] ?? 'other') : 'other';
  return known === 'stop' && calledTools ? 'tool-calls' : known;
}

const TO: Readonly<Record<FinishReason, string>> = Object.freeze({
  stop: 'STOP',
  'stop-sequence': 'STOP',
  length: 'MAX_TOKENS',
  context: 'MAX_TOKENS',
  'tool-calls': 'STOP',
  refusal: 'SAFETY',
  'content-filter': 'SAFETY',
  pause: 'STOP',
  error: 'MALFORMED_RESPONSE',
  other: 'OTHER',
});

export const toGeminiFinish = (reason: FinishReason): string => TO[reason];
