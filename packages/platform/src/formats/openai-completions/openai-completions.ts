import type { Capabilities } from '../capability.ts';
import type { Format } from '../format.ts';
import { decodeOpenaiError, encodeOpenaiError } from '../openai-chat/openai-error.ts';
import { readChatUsage } from '../openai-chat/openai-usage.ts';
import { decodeCompletionsAnswer, encodeCompletionsAnswer } from './completions-answer.ts';
import { decodeCompletionsRequest, encodeCompletionsRequest } from './completions-request.ts';
import { createCompletionsStreamDecoder, createCompletionsStreamEncoder } from './completions-stream.ts';

const capabilities: Capabilities = {
  developer: 'no',
  tools: 'no',
  parallelTools: 'no',
  toolChoice: 'no',
  toolResultParts: 'no',
  toolResultError: 'no',
  imageUrl: 'no',
  imageData: 'no',
  documents: 'no',
  audio: 'no',
  jsonObject: 'no',
  jsonSchema: 'no',
  stop: 'yes',
  seed: 'yes',
  logprobs: 'yes',
  penalties: 'yes',
  topK: 'for servers that know it',
  reasoning: 'no',
  seals: 'no',
  cacheControl: 'no',
  cacheUsage: 'yes',
  reasoningUsage: 'yes',
  refusal: 'as text',
  user: 'yes',
};

/** `POST /v1/completions` of OpenAI: one prompt in, one text out. */
export const openaiCompletions: Format = Object.freeze({
  name: 'openai-completions',
  capabilities,
  fieldNames: {
    messages: 'prompt',
    topP: 'top_p',
    topK: 'top_k',
    presencePenalty: 'presence_penalty',
    frequencyPenalty: 'frequency_penalty',
    logitBias: 'logit_bias',
    topLogprobs: 'logprobs',
    choices: 'n',
    maxTokens: 'max_tokens',
    streamUsage: 'stream_options',
  },
  decodeRequest: (value) => decodeCompletionsRequest(value),
  encodeRequest: encodeCompletionsRequest,
  decodeAnswer: decodeCompletionsAnswer,
  encodeAnswer: encodeCompletionsAnswer,
  createStreamDecoder: createCompletionsStreamDecoder,
  createStreamEncoder: createCompletionsStreamEncoder,
  decodeError: decodeOpenaiError,
  encodeError: encodeOpenaiError,
  readUsage: readChatUsage,
} satisfies Format);
