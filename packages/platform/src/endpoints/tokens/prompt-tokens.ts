import { z } from 'zod';
import { parseJson } from '#http';
import type { Clock } from '#time';
import type { Degradations } from '../degradations.ts';
import type { HttpClient } from '../http-client.ts';
import type { RequestKeys } from '../kv-index/block-keys.ts';
import { chatParts } from './render-chat.ts';
import type { TokenizePool } from './tokenize-pool.ts';

const MAX_BYTES = 16 * 1024 * 1024;
/** A decision waits for tokens at most this long, and a millisecond more per 2,000 bytes: a long prompt is worth more. */
const PATIENCE_MS = 50;
const PATIENT_BYTES_PER_MS = 2000;
const BYTES_PER_TOKEN = 4;
const SMOOTHING = 0.05;

/** What is known of a prompt's tokens. */
export interface PromptTokens {
  /** Undefined for an estimate: then nothing precise can be said of a cache. */
  readonly ids: Uint32Array | undefined;
  readonly count: number;
  readonly source: 'tokenizer' | 'engine' | 'estimate';
  readonly keys: RequestKeys;
}

export interface TokenRequest {
  readonly operation: 'chat' | 'completions';
  /** The raw JSON of the prompt. */
  readonly promptBytes: number;
  /** The parsed body in the format of OpenAI. */
  value(): Readonly<Record<string, unknown>>;
}

export interface PromptTokenizer {
  /** Token ids of a request by the best way that is there and quick enough. Never throws, never waits long. */
  tokensOf(request: TokenRequest): Promise<PromptTokens>;
  /** An answer says how many tokens a prompt had. */
  learn(promptBytes: number, promptTokens: number): void;
  close(): Promise<void>;
}

export interface PromptTokenizerOptions {
  /** Name of the Model, for degradations. */
  readonly model: string;
  readonly servedName: string;
  /** Name of the adapter, where the served name is that of a LoRA: its blocks are other ones than those of the model under it. */
  readonly lora: () => string | undefined;
  /** The model's own tokenizer, where its file is given. */
  readonly pool: TokenizePool | undefined;
  /** Base URL of an endpoint that can be asked, without a path; undefined while there is none. */
  readonly engineUrl: () => string | undefined;
  readonly client: HttpClient;
  readonly clock: Clock;
  readonly degradations: Degradations;
}

const tokensSchema = z.looseObject({ tokens: z.array(z.number().int().nonnegative()).max(4_000_000) });

/** Token ids by the model's own tokenizer, else by the engine's `/tokenize`, else an estimate that learns from usage. */
export function createPromptTokenizer(options: PromptTokenizerOptions): PromptTokenizer {
  const { clock, model, degradations, pool } = options;
  let bytesPerToken = BYTES_PER_TOKEN;

  const estimate = (promptBytes: number): number => Math.max(1, Math.ceil(promptBytes / bytesPerToken));

  const byFile = async (request: TokenRequest): Promise<Uint32Array | string> => {
    if (pool === undefined) return 'no tokenizer file is given';
    const body = request.value();
    if (request.operation === 'chat') {
      const parts = chatParts(body);
      return typeof parts === 'string' ? `the chat template is not reproduced: ${parts}` : pool.encode(parts);
    }
    const { prompt } = body;
    return typeof prompt === 'string' ? pool.encode(prompt) : tokenIds(prompt);
  };

  const byEngine = async (request: TokenRequest, timeoutMs: number): Promise<Uint32Array | string> => {
    const url = options.engineUrl();
    if (url === undefined) return 'no engine is ready';
    const { messages, prompt, tools, chat_template_kwargs, chat_template, add_generation_prompt, continue_final_message } = request.value();
    const body = { model: options.servedName, messages, prompt, tools, chat_template_kwargs, chat_template, add_generation_prompt, continue_final_message };
    try {
      const answer = tokensSchema.safeParse(parseJson(await options.client.ask({ url: `${url}/tokenize`, body, timeoutMs, maxBytes: MAX_BYTES })));
      return answer.success ? Uint32Array.from(answer.data.tokens) : `${url}/tokenize answers without tokens`;
    } catch (error) {
      return (error as Error).message;
    }
  };

  const within = async (work: Promise<Uint32Array | string>, timeoutMs: number): Promise<Uint32Array | string> => {
    const { promise: late, resolve } = Promise.withResolvers<string>();
    const timer = clock.schedule(timeoutMs, () => resolve(`not ready within ${Math.round(timeoutMs)} ms`));
    try {
      return await Promise.race([work, late]);
    } finally {
      timer.cancel();
    }
  };

  return {
    learn: (promptBytes, promptTokens) => {
      if (promptTokens < 1 || promptBytes < 256) return;
      bytesPerToken += SMOOTHING * (Math.min(16, Math.max(0.5, promptBytes / promptTokens)) - bytesPerToken);
    },
    async tokensOf(request) {
      const keys = keysOf(request, options.lora());
      const timeoutMs = PATIENCE_MS + request.promptBytes / PATIENT_BYTES_PER_MS;
      const file = await within(byFile(request), timeoutMs);
      if (typeof file !== 'string') return { ids: file, count: file.length, source: 'tokenizer', keys };
      if (pool !== undefined) degradations.raise('tokens-not-by-file', model, file);
      // A late tokenizer has used up the time that a decision may take.
      const engine = file.startsWith('not ready') ? file : await within(byEngine(request, timeoutMs), timeoutMs);
      if (typeof engine !== 'string') return { ids: engine, count: engine.length, source: 'engine', keys };
      degradations.raise('tokens-estimated', model, engine);
      return { ids: undefined, count: estimate(request.promptBytes), source: 'estimate', keys };
    },
    close: async () => pool?.close(),
  };
}

/** A prompt that is given as token ids already. */
function tokenIds(prompt: unknown): Uint32Array | string {
  if (Array.isArray(prompt) && prompt.length > 0 && prompt.every((id) => Number.isInteger(id) && Number(id) >= 0)) return Uint32Array.from(prompt as number[]);
  return 'the prompt is neither one text nor token ids';
}

function keysOf(request: TokenRequest, lora: string | undefined): RequestKeys {
  const { cache_salt: salt } = request.value();
  return { lora, ...(typeof salt === 'string' && salt !== '' ? { salt } : {}) };
}
