import type { Capabilities } from '../capability.ts';
import type { Format } from '../format.ts';
import { decodeGeminiAnswer } from './decode-gemini-answer.ts';
import { decodeGeminiRequest } from './decode-gemini-request.ts';
import { encodeGeminiAnswer } from './encode-gemini-answer.ts';
import { encodeGeminiRequest } from './encode-gemini-request.ts';
import { decodeGeminiError, encodeGeminiError } from './gemini-error.ts';
import { createGeminiStreamDecoder } from './gemini-stream-decoder.ts';
import { createGeminiStreamEncoder } from './gemini-stream-encoder.ts';
import { readGeminiUsage } from './gemini-usage.ts';

const capabilities: Capabilities = {
  developer: 'as system',
  tools: 'yes',
  parallelTools: 'yes; the switch can not be off',
  toolChoice: 'yes',
  toolResultParts: 'texts; pictures and files follow the result',
  toolResultError: 'yes',
  imageUrl: 'yes',
  imageData: 'yes',
  documents: 'yes, without citations',
  audio: 'yes',
  jsonObject: 'yes',
  jsonSchema: 'yes',
  stop: 'yes',
  seed: 'yes',
  logprobs: 'yes',
  penalties: 'yes',
  topK: 'yes',
  reasoning: 'yes',
  seals: 'yes',
  cacheControl: 'no',
  cacheUsage: 'yes',
  reasoningUsage: 'yes',
  refusal: 'as text',
  user: 'no',
};

/** `generateContent` and `streamGenerateContent` of Google, on AI Studio and on Vertex AI. */
export const gemini: Format = Object.freeze({
  name: 'gemini',
  capabilities,
  fieldNames: {
    messages: 'contents',
    toolChoice: 'toolConfig',
    output: 'generationConfig.responseMimeType',
    stop: 'generationConfig.stopSequences',
    seed: 'generationConfig.seed',
    temperature: 'generationConfig.temperature',
    topP: 'generationConfig.topP',
    topK: 'generationConfig.topK',
    presencePenalty: 'generationConfig.presencePenalty',
    frequencyPenalty: 'generationConfig.frequencyPenalty',
    logprobs: 'generationConfig.responseLogprobs',
    topLogprobs: 'generationConfig.logprobs',
    choices: 'generationConfig.candidateCount',
    maxTokens: 'generationConfig.maxOutputTokens',
    reasoning: 'generationConfig.thinkingConfig',
  },
  decodeRequest: decodeGeminiRequest,
  encodeRequest: encodeGeminiRequest,
  decodeAnswer: decodeGeminiAnswer,
  encodeAnswer: encodeGeminiAnswer,
  createStreamDecoder: createGeminiStreamDecoder,
  createStreamEncoder: createGeminiStreamEncoder,
  decodeError: decodeGeminiError,
  encodeError: encodeGeminiError,
  readUsage: readGeminiUsage,
} satisfies Format);
