import { isPlatformError, PlatformError } from '@maru/api/errors';
import { createUpstream, parseJson, toErrorBody, type UpstreamReply } from '#http';
import type { Clock } from '#time';
import type { Engine, EngineReply, EngineRequest } from '../engine.ts';
import { checkReply } from '../openai-compatible/check-reply.ts';
import { anthropicErrorSchema, anthropicMessageSchema } from './anthropic-wire.ts';
import { fromAnthropicMessage } from './from-anthropic-message.ts';
import { type AnthropicRequest, toAnthropicRequest } from './to-anthropic-request.ts';
import { translateStream } from './translate-stream.ts';

export interface AnthropicOptions {
  readonly endpoint: string;
  readonly model: string;
  readonly servedName: string;
  /** Up to and with the version: `https://api.anthropic.com/v1`. */
  readonly baseUrl: string;
  readonly apiKey?: string | undefined;
  readonly headers?: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly connectTimeoutMs?: number;
  readonly clock: Clock;
}

const JSON_TYPE = { 'content-type': 'application/json' } as const;

/** Puts the OpenAI API in front of the Anthropic Messages API: requests, answers and streams are translated. */
export function createAnthropicEngine(options: AnthropicOptions): Engine {
  const url = new URL(options.baseUrl);
  const upstream = createUpstream({
    origin: url.origin,
    connectTimeoutMs: options.connectTimeoutMs ?? 10_000,
    headersTimeoutMs: options.timeoutMs,
    bodyTimeoutMs: options.timeoutMs,
  });
  const path = `${url.pathname.replace(/\/+$/, '')}/messages`;
  const fixed: Record<string, string> = {
    ...JSON_TYPE,
    'anthropic-version': '2023-06-01',
    ...(options.apiKey === undefined ? {} : { 'x-api-key': options.apiKey }),
    ...options.headers,
  };
  let running = 0;

  const send = (request: EngineRequest, translated: AnthropicRequest): Promise<UpstreamReply> => {
    running += 1;
    return upstream.request({
      method: 'POST',
      path,
      headers: { ...fixed, ...request.headers },
      body: Buffer.from(JSON.stringify(translated.body)),
      signal: request.signal,
      watch: {
        finish: () => {
          running -= 1;
        },
      },
    });
  };

  const call = async (request: EngineRequest): Promise<EngineReply> => {
    if (request.operation !== 'chat') {
      throw new PlatformError('not_supported', { message: `model "${options.model}" does not offer ${request.operation}; Anthropic has chat only` });
    }
    let translated: AnthropicRequest;
    try {
      translated = toAnthropicRequest(parseJson(request.body));
    } catch (error) {
      if (isPlatformError(error) && error.status === 400) return { status: 400, headers: JSON_TYPE, body: once(JSON.stringify(toErrorBody(error))) };
      throw error;
    }
    const reply = checkReply(await send(request, translated), { endpoint: options.endpoint, model: options.model });
    const createdS = Math.floor(options.clock.nowMs() / 1000);
    if (reply.status !== 200) return translateError(reply);
    if (reply.headers['content-type']?.startsWith('text/event-stream') === true) {
      return { ...reply, body: translateStream(reply.body, { endpoint: options.endpoint, createdS, wantsUsage: translated.wantsUsage }) };
    }
    return { ...reply, headers: { ...reply.headers, ...JSON_TYPE }, body: translateMessage(reply, options.endpoint, createdS) };
  };

  return {
    endpoint: options.endpoint,
    model: options.model,
    provider: 'anthropic',
    servedName: options.servedName,
    simulated: false,
    call,
    load: () => ({ running, waiting: 0 }),
    close: () => upstream.close(),
  };
}

async function* translateMessage(reply: EngineReply, endpoint: string, createdS: number): AsyncGenerator<Uint8Array, void, undefined> {
  const text = await readText(reply);
  let message: unknown;
  try {
    message = JSON.parse(text);
  } catch (cause) {
    throw new PlatformError('upstream_garbage', { message: `${endpoint} answered with something that is not JSON`, cause });
  }
  const parsed = anthropicMessageSchema.safeParse(message);
  if (!parsed.success)
    throw new PlatformError('upstream_garbage', {
      message: `${endpoint} answered with something that is not a message of the Anthropic API`,
      cause: parsed.error,
    });
  yield Buffer.from(JSON.stringify(fromAnthropicMessage(parsed.data, createdS)));
}

/** Anthropic's error object in the form of OpenAI's, with the status as it was. */
async function translateError(reply: EngineReply): Promise<EngineReply> {
  const text = await readText(reply);
  let error = { type: 'server_error', message: 'the provider answered without a message' };
  try {
    const parsed = anthropicErrorSchema.safeParse(JSON.parse(text));
    if (parsed.success) error = parsed.data.error;
  } catch {
    // What is not JSON says nothing that a client could read; the status says enough.
  }
  const body = JSON.stringify({ error: { message: error.message, type: error.type, code: error.type, param: null } });
  return { status: reply.status, headers: { ...reply.headers, ...JSON_TYPE }, body: once(body) };
}

async function readText(reply: EngineReply): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of reply.body) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

async function* once(text: string): AsyncGenerator<Uint8Array, void, undefined> {
  yield Buffer.from(text);
}
