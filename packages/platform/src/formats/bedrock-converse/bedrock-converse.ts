import { PlatformError } from '@maru/api/errors';
import type { Capabilities } from '../capability.ts';
import type { Format } from '../format.ts';
import { decodeBedrockAnswer, encodeBedrockAnswer, readBedrockUsage } from './bedrock-answer.ts';
import { decodeBedrockError, encodeBedrockError } from './bedrock-error.ts';
import { createBedrockStreamDecoder } from './bedrock-stream-decoder.ts';
import { decodeBedrockRequest } from './decode-bedrock-request.ts';
import { encodeBedrockRequest } from './encode-bedrock-request.ts';

const capabilities: Capabilities = {
  developer: 'as system',
  tools: 'yes',
  parallelTools: 'yes; the switch can not be off',
  toolChoice: '`none` only before tools were used',
  toolResultParts: 'yes',
  toolResultError: 'yes',
  imageUrl: 'from S3',
  imageData: 'yes',
  documents: 'yes',
  audio: 'no',
  jsonObject: 'no',
  jsonSchema: 'yes',
  stop: 'yes',
  seed: 'no',
  logprobs: 'no',
  penalties: 'no',
  topK: 'for Claude and Nova',
  reasoning: 'for Claude and gpt-oss; content of all',
  seals: 'yes',
  cacheControl: 'yes',
  cacheUsage: 'yes',
  reasoningUsage: 'no',
  refusal: 'as text',
  user: 'no',
};

/** Converse and ConverseStream of Amazon Bedrock. Engines are spoken to in it; no client is, so it writes no stream. */
export const bedrockConverse: Format = Object.freeze({
  name: 'bedrock-converse',
  capabilities,
  fieldNames: {
    toolChoice: 'toolConfig.toolChoice',
    tools: 'toolConfig.tools',
    output: 'outputConfig',
    stop: 'inferenceConfig.stopSequences',
    temperature: 'inferenceConfig.temperature',
    topP: 'inferenceConfig.topP',
    maxTokens: 'inferenceConfig.maxTokens',
    metadata: 'requestMetadata',
  },
  decodeRequest: decodeBedrockRequest,
  encodeRequest: encodeBedrockRequest,
  decodeAnswer: decodeBedrockAnswer,
  encodeAnswer: encodeBedrockAnswer,
  createStreamDecoder: createBedrockStreamDecoder,
  createStreamEncoder: () => {
    throw new PlatformError('not_supported', {
      message: 'clients are not streamed to in the binary event stream of Bedrock; use the API of OpenAI or Anthropic',
    });
  },
  decodeError: decodeBedrockError,
  encodeError: encodeBedrockError,
  readUsage: readBedrockUsage,
} satisfies Format);
