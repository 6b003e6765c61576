import type { CanonicalError } from '../canonical/error.ts';
import { kindOfFailure } from '../canonical/failure.ts';
import type { Capabilities } from '../capability.ts';
import type { Format } from '../format.ts';
import { asObject, asString, type JsonObject } from '../json-value.ts';
import { decodeCohereAnswer, encodeCohereAnswer, readCohereUsage } from './cohere-answer.ts';
import { createCohereStreamDecoder } from './cohere-stream-decoder.ts';
import { createCohereStreamEncoder } from './cohere-stream-encoder.ts';
import { decodeCohereRequest } from './decode-cohere-request.ts';
import { encodeCohereRequest } from './encode-cohere-request.ts';

const capabilities: Capabilities = {
  developer: 'as system',
  tools: 'yes',
  parallelTools: 'yes; the switch can not be off',
  toolChoice: 'one tool by leaving out the others',
  toolResultParts: 'yes',
  toolResultError: 'as text that begins with "Error"',
  imageUrl: 'yes',
  imageData: 'yes',
  documents: 'as text',
  audio: 'no',
  jsonObject: 'yes',
  jsonSchema: 'yes',
  stop: 'yes',
  seed: 'yes',
  logprobs: 'no',
  penalties: 'from 0 to 1',
  topK: 'yes',
  reasoning: 'yes',
  seals: 'no',
  cacheControl: 'no',
  cacheUsage: 'yes',
  reasoningUsage: 'no',
  refusal: 'as text',
  user: 'no',
};

/** Cohere says what was wrong in one text. 498 is its status for an invalid token. */
function decodeError(status: number, value: unknown): CanonicalError {
  const message = asString(asObject(value)['message']) ?? 'the provider answered without a message';
  return { kind: status === 498 ? 'authentication' : kindOfFailure(status, message), status, message };
}

const encodeError = (error: CanonicalError): JsonObject => ({ message: error.message });

/** `POST /v2/chat` of Cohere. */
export const cohereChat: Format = Object.freeze({
  name: 'cohere-chat',
  capabilities,
  fieldNames: {
    toolChoice: 'tool_choice',
    output: 'response_format',
    stop: 'stop_sequences',
    topP: 'p',
    topK: 'k',
    presencePenalty: 'presence_penalty',
    frequencyPenalty: 'frequency_penalty',
    maxTokens: 'max_tokens',
    reasoning: 'thinking',
  },
  decodeRequest: (value) => decodeCohereRequest(value),
  encodeRequest: encodeCohereRequest,
  decodeAnswer: decodeCohereAnswer,
  encodeAnswer: encodeCohereAnswer,
  createStreamDecoder: createCohereStreamDecoder,
  createStreamEncoder: createCohereStreamEncoder,
  decodeError,
  encodeError,
  readUsage: readCohereUsage,
} satisfies Format);
