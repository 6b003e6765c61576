import { isPlatformError, PlatformError } from '@maru/api/errors';
import { parseJson, toErrorBody } from '#http';
import type { Clock } from '#time';
import type { Engine, EngineReply, EngineRequest } from '../engine.ts';
import { createTransport, type TransportOptions } from '../transport/transport.ts';
import { anthropicErrorSchema, anthropicMessageSchema } from './anthropic-wire.ts';
import { fromAnthropicMessage } from './from-anthropic-message.ts';
import { type AnthropicRequest, toAnthropicRequest } from './to-anthropic-request.ts';
import { translateStream } from './translate-stream.ts';

export interface AnthropicOptions extends Omit<TransportOptions, 'provider'> {
  readonly apiKey?: string | undefined;
  readonly clock: Clock;
}

const JSON_TYPE = { 'content-type': 'application/json' } as const;

/**
 * Calls the Anthropic Messages API: its own format passes as bytes; the chat format of OpenAI is translated, requests, answers and streams.
 */
export function createAnthropicEngine(options: AnthropicOptions): Engine {
  const headers = {
    'anthropic-version': '2023-06-01',
    ...(options.apiKey === undefined ? {} : { 'x-api-key': options.apiKey }),
    ...options.headers,
  };
  const transport = createTransport(
    { ...options, headers, provider: 'anthropic' },
    {
      speaks: ['anthropic-messages', 'openai-chat'],
      target: ({ operation, format }, prefix) => (operation === 'chat' && format === 'anthropic-messages' ? { path: `${prefix}/messages` } : undefined),
      pass: (operation, prefix) => (operation === 'count-tokens' ? { path: `${prefix}/messages/count_tokens` } : undefined),
    },
  );

  const translate = async (request: EngineRequest): Promise<EngineReply> => {
    let translated: AnthropicRequest;
    try {
      translated = toAnthropicRequest(parseJson(request.body));
    } catch (error) {
      if (isPlatformError(error) && error.status === 400) return { status: 400, headers: JSON_TYPE, body: once(JSON.stringify(toErrorBody(error))) };
      throw error;
    }
    const reply = await transport.call({ ...request, format: 'anthropic-messages', body: Buffer.from(JSON.stringify(translated.body)) });
    const createdS = Math.floor(options.clock.nowMs() / 1000);
    if (reply.status !== 200) return translateError(reply);
    if (reply.headers['content-type']?.startsWith('text/event-stream') === true) {
      return { ...reply, body: translateStream(reply.body, { endpoint: options.endpoint, createdS, wantsUsage: translated.wantsUsage }) };
    }
    return { ...reply, headers: { ...reply.headers, ...JSON_TYPE }, body: translateMessage(reply, options.endpoint, createdS) };
  };

  return {
    ...transport,
    call: (request) => (request.operation === 'chat' && request.format !== 'anthropic-messages' ? translate(request) : transport.call(request)),
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
