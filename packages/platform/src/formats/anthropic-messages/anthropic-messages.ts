import type { Capabilities } from '../capability.ts';
import type { Format } from '../format.ts';
import { decodeAnthropicError, encodeAnthropicError } from './anthropic-error.ts';
import { createAnthropicStreamDecoder } from './anthropic-stream-decoder.ts';
import { createAnthropicStreamEncoder } from './anthropic-stream-encoder.ts';
import { readAnthropicUsage } from './anthropic-usage.ts';
import { anthropicTokenCounting } from './count-tokens.ts';
import { decodeAnthropicAnswer } from './decode-anthropic-answer.ts';
import { decodeAnthropicRequest } from './decode-anthropic-request.ts';
import { encodeAnthropicAnswer } from './encode-anthropic-answer.ts';
import { encodeAnthropicRequest } from './encode-anthropic-request.ts';

const capabilities: Capabilities = {
  developer: 'as system, before the conversation',
  tools: 'yes; custom tools as functions',
  parallelTools: 'yes',
  toolChoice: 'yes',
  toolResultParts: 'yes',
  toolResultError: 'yes',
  imageUrl: 'yes',
  imageData: 'yes',
  documents: 'PDF and text',
  audio: 'no',
  jsonObject: 'asked for in words',
  jsonSchema: 'yes',
  stop: 'yes',
  seed: 'no',
  logprobs: 'no',
  penalties: 'no',
  topK: 'yes',
  reasoning: 'budget or effort, by model; thinking blocks',
  seals: 'yes',
  cacheControl: 'yes',
  cacheUsage: 'yes',
  reasoningUsage: 'yes',
  refusal: 'as text and stop reason',
  user: 'yes',
};

/** `POST /v1/messages` of Anthropic. */
export const anthropicMessages: Format = Object.freeze({
  name: 'anthropic-messages',
  capabilities,
  fieldNames: {
    toolChoice: 'tool_choice',
    parallelToolCalls: 'tool_choice.disable_parallel_tool_use',
    output: 'output_config.format',
    stop: 'stop_sequences',
    topP: 'top_p',
    topK: 'top_k',
    maxTokens: 'max_tokens',
    reasoning: 'thinking',
    cache: 'cache_control',
    user: 'metadata.user_id',
    serviceTier: 'service_tier',
  },
  decodeRequest: (value) => decodeAnthropicRequest(value),
  encodeRequest: encodeAnthropicRequest,
  decodeAnswer: decodeAnthropicAnswer,
  encodeAnswer: encodeAnthropicAnswer,
  createStreamDecoder: createAnthropicStreamDecoder,
  createStreamEncoder: createAnthropicStreamEncoder,
  decodeError: decodeAnthropicError,
  encodeError: encodeAnthropicError,
  readUsage: readAnthropicUsage,
  tokenCounting: anthropicTokenCounting,
} satisfies Format);
