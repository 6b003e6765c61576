import { PlatformError } from '@maru/api/errors';
import { z } from 'zod';
import type { Clock } from '#time';
import { makeWords, type Tokenizing } from '../prompts/make-prompt.ts';
import { type Dialect, dialectsFrom } from './dialect.ts';
import { readText } from './read-answer.ts';
import type { RequestSample } from './request-sample.ts';
import { sendRequest } from './send-request.ts';
import type { Target } from './target.ts';

const modelsSchema = z.looseObject({
  data: z.array(z.looseObject({ id: z.string(), max_model_len: z.number().int().positive().nullish(), simulated: z.boolean().nullish() })),
});

export interface ServerFacts {
  readonly model: string;
  readonly maxModelLength: number | null;
  readonly simulated: boolean;
}

/** The wanted model, or the first that the server lists. Throws `model_not_found` when it lists none or does not know the wanted one. */
export async function findModel(target: Target, wanted: string | undefined, signal: AbortSignal): Promise<ServerFacts> {
  const reply = await target.models(signal);
  const text = await readText(reply.body);
  const parsed = modelsSchema.safeParse(reply.status === 200 ? safeJson(text) : undefined);
  if (!parsed.success) {
    if (wanted !== undefined && reply.status !== 401 && reply.status !== 403) return { model: wanted, maxModelLength: null, simulated: false };
    throw new PlatformError(reply.status === 401 || reply.status === 403 ? 'upstream_credentials' : 'upstream_garbage', {
      message: `${target.url} answers its list of models with status ${reply.status}: ${text.slice(0, 200)}; name the model with --model, and the variable of the key with --key-env`,
    });
  }
  const { data } = parsed.data;
  const card = wanted === undefined ? data[0] : data.find((model) => model.id === wanted);
  // A server may serve a model under names that it does not list.
  if (card === undefined && wanted !== undefined) return { model: wanted, maxModelLength: null, simulated: false };
  if (card === undefined) throw new PlatformError('model_not_found', { message: `${target.url} lists no model; name one with --model` });
  return { model: card.id, maxModelLength: card.max_model_len ?? null, simulated: card.simulated ?? false };
}

export interface ProbeOptions {
  readonly target: Target;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
  readonly operation: 'chat' | 'completions';
  readonly model: string;
  readonly streaming: boolean;
  readonly ignoreEos: boolean;
}

export interface ProbeResult {
  readonly dialect: Dialect;
  readonly tokenizing: Tokenizing;
  /** True when the answer says that a simulated engine made it. */
  readonly simulated: boolean;
}

const SHORT_WORDS = 64;
const LONG_WORDS = 256;

/**
 * Finds out what the server understands, and what words cost with its tokenizer, by two short requests.
 * Throws `upstream_rejected` with the server's own words when it refuses all that is tried.
 */
export async function probeServer(options: ProbeOptions): Promise<ProbeResult> {
  let last: RequestSample | undefined;
  for (const dialect of dialectsFrom({ ignoreEos: options.ignoreEos })) {
    last = await probe(options, dialect, SHORT_WORDS);
    if (last.outcome === 'cancelled') throw new PlatformError('cancelled', { message: 'stopped before anything was measured' });
    if (last.outcome === 'completed') {
      const long = await probe(options, dialect, LONG_WORDS);
      return { dialect, tokenizing: tokenizingOf(last.inputTokens, long.outcome === 'completed' ? long.inputTokens : 0), simulated: last.simulated ?? false };
    }
    // Only a refusal of the request can be cured by asking for less.
    if (last.errorKind !== 'http 400' && last.errorKind !== 'http 422') break;
  }
  throw new PlatformError('upstream_rejected', {
    message: `${options.target.url} does not answer a short request to "${options.model}": ${last?.errorKind ?? ''} ${last?.errorText ?? ''}`,
  });
}

const probe = (options: ProbeOptions, dialect: Dialect, words: number): Promise<RequestSample> =>
  sendRequest(
    { operation: options.operation, model: options.model, prompt: makeWords(words, words), outputTokens: 2, streaming: options.streaming },
    { ...options, dialect, expectedInputTokens: words, plannedMs: options.clock.monotonicMs() },
  );

/** Two counts tell a line: tokens per word, and what the template adds. */
function tokenizingOf(short: number, long: number): Tokenizing {
  const tokensPerWord = (long - short) / (LONG_WORDS - SHORT_WORDS);
  if (!(tokensPerWord > 0.1 && tokensPerWord < 20)) return { tokensPerWord: 1, overheadTokens: 0 };
  return { tokensPerWord, overheadTokens: Math.max(0, short - tokensPerWord * SHORT_WORDS) };
}

function safeJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
