import { PlatformError } from '@maru/api/errors';
import { answerText } from './answer-text.ts';
import { blockHashes } from './memory/block-hashes.ts';
import type { TwinRequest } from './parse-request.ts';
import { renderPrompt } from './render-prompt.ts';
import { BYTES_PER_TOKEN, countTokens, tokenize } from './tokenizer.ts';

/** Everything about an answer that is known before time passes. */
export interface AnswerPlan {
  readonly promptTokens: number;
  /** Text of each token. */
  readonly pieces: readonly string[];
  readonly finishReason: 'stop' | 'length';
  /** Of the prompt and the answer together, so that the next turn finds both. */
  readonly hashes: Float64Array;
  /** The text that the hashes are of. */
  readonly bytes: Uint8Array;
}

export interface AnswerLimits {
  readonly model: string;
  readonly maxModelLen: number;
  readonly blockSize: number;
  /** LoRA adapter that answers: its keys and values are not those of the base model. */
  readonly adapter?: string | undefined;
}

/** Plans the answer to a request; throws `context_length_exceeded`. */
export function planAnswer(request: TwinRequest, limits: AnswerLimits): AnswerPlan {
  const prompt = renderPrompt(request);
  const promptTokens = Math.max(1, countTokens(prompt));
  const room = limits.maxModelLen - promptTokens;
  if (room < (request.maxTokens ?? 1)) {
    throw new PlatformError('context_length_exceeded', {
      message: `the prompt has about ${promptTokens} tokens and asks for ${request.maxTokens ?? 1} more; the model takes ${limits.maxModelLen} in all`,
      details: { promptTokens, maxModelLen: limits.maxModelLen, param: 'messages' },
    });
  }
  const whole = answerText(request, limits.model);
  const text = cutAtStop(whole, request.stops);
  const all = tokenize(text);
  const pieces = all.slice(0, Math.min(all.length, request.maxTokens ?? room));
  const bytes = Buffer.from(prompt + pieces.join(''));
  return {
    promptTokens,
    // A stop string may stand at the very beginning: one token is computed all the same.
    pieces: pieces.length === 0 ? [''] : pieces,
    finishReason: pieces.length < all.length ? 'length' : 'stop',
    hashes: blockHashes(bytes, limits.blockSize * BYTES_PER_TOKEN, limits.adapter),
    bytes,
  };
}

function cutAtStop(text: string, stops: readonly string[]): string {
  const places = stops.map((stop) => text.indexOf(stop)).filter((place) => place >= 0);
  return places.length === 0 ? text : text.slice(0, Math.min(...places));
}
