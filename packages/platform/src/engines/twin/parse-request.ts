import { PlatformError } from '@maru/api/errors';
import { z } from 'zod';
import { parseJson } from '#http';
import type { EngineOperation } from '../engine.ts';
import { type KvTransfer, kvTransferOf, kvTransferSchema } from './kv-transfer/kv-transfer-params.ts';

const MAX_STOPS = 16;

const messageSchema = z.looseObject({ role: z.string(), content: z.union([z.string(), z.array(z.looseObject({ type: z.string() }))]).nullish() });

const commonFields = {
  model: z.string().nullish(),
  stream: z.boolean().nullish(),
  stream_options: z.looseObject({ include_usage: z.boolean().nullish() }).nullish(),
  stop: z.union([z.string(), z.array(z.string()).max(MAX_STOPS)]).nullish(),
  n: z.number().int().nullish(),
  max_tokens: z.number().int().positive().nullish(),
  ignore_eos: z.boolean().nullish(),
  priority: z.number().int().nullish(),
  kv_transfer_params: kvTransferSchema.nullish(),
};

const chatSchema = z.looseObject({
  ...commonFields,
  messages: z.array(messageSchema).min(1),
  max_completion_tokens: z.number().int().positive().nullish(),
  tools: z.array(z.unknown()).nullish(),
  response_format: z.looseObject({ type: z.string() }).nullish(),
});

const completionSchema = z.looseObject({ ...commonFields, prompt: z.union([z.string(), z.array(z.string()).length(1)]) });

export type ChatMessage = z.infer<typeof messageSchema>;

/** What the twin takes from a request; other fields are accepted and have no effect. */
export interface TwinRequest {
  readonly operation: 'chat' | 'completions';
  readonly messages: readonly ChatMessage[];
  readonly tools: readonly unknown[];
  readonly stream: boolean;
  readonly includeUsage: boolean;
  readonly stops: readonly string[];
  readonly maxTokens: number | undefined;
  /** Generates exactly `maxTokens`, as load generators ask for. */
  readonly ignoreEos: boolean;
  readonly json: boolean;
  readonly kvTransfer: KvTransfer;
  /** The lower, the sooner; 0 where the client says nothing. */
  readonly priority: number;
  readonly model: string | undefined;
}

/** Reads a body in the format of OpenAI; throws `invalid_json`, `invalid_request` or `not_supported`. */
export function parseTwinRequest(operation: EngineOperation, body: Uint8Array): TwinRequest {
  const json = parseJson(body);
  if (operation === 'chat') return fromChat(parse(chatSchema, json));
  if (operation === 'completions') return fromCompletion(parse(completionSchema, json));
  throw new PlatformError('not_supported', { message: 'the engine twin serves chat and completions, not embeddings' });
}

function fromChat(body: z.infer<typeof chatSchema>): TwinRequest {
  return {
    operation: 'chat',
    messages: body.messages,
    tools: body.tools ?? [],
    json: body.response_format?.type === 'json_object' || body.response_format?.type === 'json_schema',
    ...common(body, body.max_completion_tokens ?? body.max_tokens ?? undefined),
  };
}

function fromCompletion(body: z.infer<typeof completionSchema>): TwinRequest {
  const prompt = typeof body.prompt === 'string' ? body.prompt : (body.prompt[0] ?? '');
  return { operation: 'completions', messages: [{ role: 'user', content: prompt }], tools: [], json: false, ...common(body, body.max_tokens ?? 16) };
}

type Common = Pick<TwinRequest, 'stream' | 'includeUsage' | 'stops' | 'maxTokens' | 'ignoreEos' | 'kvTransfer' | 'priority' | 'model'>;

function common(body: z.infer<z.ZodObject<typeof commonFields>>, maxTokens: number | undefined): Common {
  if ((body.n ?? 1) !== 1) {
    throw new PlatformError('not_supported', { message: `the engine twin gives one answer per request; "n" is ${body.n}`, details: { param: 'n' } });
  }
  const stop = body.stop ?? [];
  return {
    stream: body.stream ?? false,
    includeUsage: body.stream_options?.include_usage ?? false,
    stops: (typeof stop === 'string' ? [stop] : stop).filter((text) => text !== ''),
    maxTokens,
    ignoreEos: (body.ignore_eos ?? false) && maxTokens !== undefined,
    kvTransfer: kvTransferOf(body.kv_transfer_params),
    priority: body.priority ?? 0,
    model: body.model ?? undefined,
  };
}

function parse<T>(schema: z.ZodType<T>, json: unknown): T {
  const result = schema.safeParse(json);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const param = issue?.path.join('.') ?? '';
  throw new PlatformError('invalid_request', {
    message: `${param === '' ? 'the body' : `"${param}"`} is wrong: ${issue?.message ?? 'invalid'}`,
    details: { param },
  });
}
