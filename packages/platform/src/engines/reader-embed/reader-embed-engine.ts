import { PlatformError } from '@maru/api/errors';
import { type EmbeddingRequest, embeddingRequestSchema } from '@maru/api/wire';
import type { Engine, EngineReply } from '../engine.ts';
import { estimateTokens } from '../reader/estimate-tokens.ts';
import { jsonReply, parseBody, refuse, throwIfCancelled } from '../reader/wire-reply.ts';
import { DEFAULT_DIMENSIONS, embedText } from './embed-text.ts';

const MAX_TEXTS = 2048;
const MAX_CHARACTERS = 1_000_000;
const DIMENSIONS = { least: 16, most: 4096 };

export interface ReaderEmbedOptions {
  /** Name of the Model resource. */
  readonly model: string;
  readonly endpoint?: string;
  readonly servedName?: string;
  /** Length of the vectors that are asked for without `dimensions`. */
  readonly dimensions?: number;
}

/**
 * Embeddings without a model: hashed n-grams of words, for English and Korean, in this process. The same text always gives the same
 * vector. Answers the operation `embeddings` only; throws `not_supported` for others and `cancelled` when the signal is aborted.
 */
export function createReaderEmbedEngine(options: ReaderEmbedOptions): Engine {
  const servedName = options.servedName ?? options.model;
  return {
    endpoint: options.endpoint ?? `${options.model}-0`,
    model: options.model,
    provider: 'reader',
    servedName,
    simulated: false,
    async call({ operation, body, signal }) {
      if (operation !== 'embeddings') throw new PlatformError('not_supported', { message: `the model "${options.model}" only makes embeddings` });
      throwIfCancelled(signal);
      const parsed = parseBody(embeddingRequestSchema, body);
      if ('problem' in parsed) return refuse(parsed.problem);
      return answer(parsed.value, { servedName, dimensions: options.dimensions ?? DEFAULT_DIMENSIONS });
    },
    load: () => ({ running: 0, waiting: 0 }),
    close: async () => undefined,
  };
}

function answer(request: EmbeddingRequest, defaults: { servedName: string; dimensions: number }): EngineReply {
  const texts = textsOf(request);
  if (texts === undefined) return refuse('this model embeds texts, not token ids: send "input" as a string or a list of strings');
  if (texts.length === 0 || texts.length > MAX_TEXTS) return refuse(`"input" must hold from 1 to ${MAX_TEXTS} texts, not ${texts.length}`);
  if (texts.some((text) => text.length > MAX_CHARACTERS)) return refuse(`a text of "input" has more than ${MAX_CHARACTERS} characters`);
  const dimensions = request.dimensions ?? defaults.dimensions;
  if (dimensions < DIMENSIONS.least || dimensions > DIMENSIONS.most)
    return refuse(`"dimensions" must be from ${DIMENSIONS.least} to ${DIMENSIONS.most}, not ${dimensions}`);
  const tokens = texts.reduce((sum, text) => sum + estimateTokens(text), 0);
  return jsonReply(200, {
    object: 'list',
    model: defaults.servedName,
    data: texts.map((text, index) => ({ object: 'embedding', index, embedding: encode(embedText(text, dimensions), request.encoding_format) })),
    usage: { prompt_tokens: tokens, total_tokens: tokens },
  });
}

function textsOf(request: EmbeddingRequest): readonly string[] | undefined {
  if (typeof request.input === 'string') return [request.input];
  return request.input.every((entry) => typeof entry === 'string') ? request.input : undefined;
}

function encode(vector: Float32Array, format: EmbeddingRequest['encoding_format']): number[] | string {
  return format === 'base64' ? Buffer.from(vector.buffer, vector.byteOffset, vector.byteLength).toString('base64') : Array.from(vector);
}
