import type { Capabilities } from '../capability.ts';
import type { Format } from '../format.ts';
import { decodeOpenaiError, encodeOpenaiError } from '../openai-chat/openai-error.ts';
import { decodeResponsesAnswer } from './decode-responses-answer.ts';
import { decodeResponsesRequest } from './decode-responses-request.ts';
import { encodeResponsesAnswer } from './encode-responses-answer.ts';
import { encodeResponsesRequest } from './encode-responses-request.ts';
import { createResponsesStreamDecoder } from './responses-stream-decoder.ts';
import { createResponsesStreamEncoder } from './responses-stream-encoder.ts';
import { readResponsesUsage } from './responses-usage.ts';

const capabilities: Capabilities = {
  developer: 'yes',
  tools: 'yes',
  parallelTools: 'yes',
  toolChoice: 'yes',
  toolResultParts: 'yes',
  toolResultError: 'as text that begins with "Error"',
  imageUrl: 'yes',
  imageData: 'yes',
  documents: 'yes',
  audio: 'as base64',
  jsonObject: 'yes',
  jsonSchema: 'yes',
  stop: 'no',
  seed: 'no',
  logprobs: 'yes',
  penalties: 'no',
  topK: 'no',
  reasoning: 'effort; reasoning items',
  seals: 'yes: `encrypted_content`',
  cacheControl: 'no',
  cacheUsage: 'yes',
  reasoningUsage: 'yes',
  refusal: 'yes',
  user: 'yes',
};

/** `POST /v1/responses` of OpenAI. */
export const openaiResponses: Format = Object.freeze({
  name: 'openai-responses',
  capabilities,
  fieldNames: {
    messages: 'input',
    toolChoice: 'tool_choice',
    parallelToolCalls: 'parallel_tool_calls',
    output: 'text.format',
    verbosity: 'text.verbosity',
    topP: 'top_p',
    logprobs: 'include',
    topLogprobs: 'top_logprobs',
    maxTokens: 'max_output_tokens',
    cacheKey: 'prompt_cache_key',
    serviceTier: 'service_tier',
  },
  decodeRequest: (value) => decodeResponsesRequest(value),
  encodeRequest: encodeResponsesRequest,
  decodeAnswer: decodeResponsesAnswer,
  encodeAnswer: encodeResponsesAnswer,
  createStreamDecoder: createResponsesStreamDecoder,
  createStreamEncoder: createResponsesStreamEncoder,
  decodeError: decodeOpenaiError,
  encodeError: encodeOpenaiError,
  readUsage: readResponsesUsage,
} satisfies Format);
