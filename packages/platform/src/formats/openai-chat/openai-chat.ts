import type { Capabilities } from '../capability.ts';
import type { Format } from '../format.ts';
import { createChatStreamDecoder } from './chat-stream-decoder.ts';
import { createChatStreamEncoder } from './chat-stream-encoder.ts';
import { decodeChatAnswer } from './decode-chat-answer.ts';
import { decodeChatRequest } from './decode-chat-request.ts';
import { encodeChatAnswer } from './encode-chat-answer.ts';
import { encodeChatRequest } from './encode-chat-request.ts';
import { decodeOpenaiError, encodeOpenaiError } from './openai-error.ts';
import { readChatUsage } from './openai-usage.ts';

const capabilities: Capabilities = {
  developer: 'yes',
  tools: 'yes',
  parallelTools: 'yes',
  toolChoice: 'yes',
  toolResultParts: 'texts; pictures and files follow in a user message',
  toolResultError: 'as text that begins with "Error"',
  imageUrl: 'yes',
  imageData: 'yes',
  documents: 'as base64, or as text',
  audio: 'as base64',
  jsonObject: 'yes',
  jsonSchema: 'yes',
  stop: 'yes',
  seed: 'yes',
  logprobs: 'yes',
  penalties: 'yes',
  topK: 'for servers that know it',
  reasoning: 'effort; `reasoning_content`',
  seals: 'to clients: `thinking_blocks`',
  cacheControl: 'no',
  cacheUsage: 'yes',
  reasoningUsage: 'yes',
  refusal: 'yes',
  user: 'yes',
};

/** `POST /v1/chat/completions` of OpenAI and of all servers that follow it. */
export const openaiChat: Format = Object.freeze({
  name: 'openai-chat',
  capabilities,
  fieldNames: {
    toolChoice: 'tool_choice',
    parallelToolCalls: 'parallel_tool_calls',
    output: 'response_format',
    topP: 'top_p',
    topK: 'top_k',
    presencePenalty: 'presence_penalty',
    frequencyPenalty: 'frequency_penalty',
    logitBias: 'logit_bias',
    topLogprobs: 'top_logprobs',
    choices: 'n',
    maxTokens: 'max_completion_tokens',
    reasoning: 'reasoning_effort',
    cache: 'cache_control',
    cacheKey: 'prompt_cache_key',
    serviceTier: 'service_tier',
    streamUsage: 'stream_options',
  },
  decodeRequest: (value) => decodeChatRequest(value),
  encodeRequest: encodeChatRequest,
  decodeAnswer: decodeChatAnswer,
  encodeAnswer: encodeChatAnswer,
  createStreamDecoder: createChatStreamDecoder,
  createStreamEncoder: createChatStreamEncoder,
  decodeError: decodeOpenaiError,
  encodeError: encodeOpenaiError,
  readUsage: readChatUsage,
} satisfies Format);
