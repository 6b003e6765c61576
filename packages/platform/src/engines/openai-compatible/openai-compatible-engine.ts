import { PlatformError } from '@maru/api/errors';
import { createUpstream } from '#http';
import type { Engine, EngineOperation, EngineReply, EngineRequest } from '../engine.ts';
import { checkReply } from './check-reply.ts';
import { createPass } from './pass-bytes.ts';
import { createStreamTail } from './stream-tail.ts';

export interface OpenAiCompatibleOptions {
  /** Unique in the platform. */
  readonly endpoint: string;
  /** Name of the Model resource. */
  readonly model: string;
  readonly provider: string;
  readonly servedName: string;
  readonly simulated?: boolean;
  /** Up to and with the version, for example `https://api.openai.com/v1`. */
  readonly baseUrl: string;
  readonly apiKey?: string | undefined;
  readonly headers?: Readonly<Record<string, string>>;
  readonly operations?: readonly EngineOperation[];
  /** Longest wait for the status line, and longest silence after it. */
  readonly timeoutMs: number;
  readonly connectTimeoutMs?: number;
}

const PATHS: Readonly<Record<EngineOperation, string>> = { chat: '/chat/completions', completions: '/completions', embeddings: '/embeddings' };

/** Calls any server that speaks the OpenAI API: bytes in, bytes out; only what marks a failure is looked at. */
export function createOpenAiCompatibleEngine(options: OpenAiCompatibleOptions): Engine {
  const url = new URL(options.baseUrl);
  const prefix = url.pathname.replace(/\/+$/, '');
  const upstream = createUpstream({
    origin: url.origin,
    connectTimeoutMs: options.connectTimeoutMs ?? 10_000,
    headersTimeoutMs: options.timeoutMs,
    bodyTimeoutMs: options.timeoutMs,
  });
  const fixed: Record<string, string> = {
    'content-type': 'application/json',
    ...(options.apiKey === undefined ? {} : { authorization: `Bearer ${options.apiKey}` }),
    ...options.headers,
  };
  let running = 0;

  const call = async (request: EngineRequest): Promise<EngineReply> => {
    if (options.operations?.includes(request.operation) === false) {
      throw new PlatformError('not_supported', { message: `model "${options.model}" does not offer ${request.operation}` });
    }
    running += 1;
    const tail = request.stream ? createStreamTail(options.endpoint) : undefined;
    const reply = await upstream.request({
      method: 'POST',
      path: prefix + PATHS[request.operation],
      headers: { ...fixed, ...request.headers },
      body: request.body,
      signal: request.signal,
      watch: {
        ...tail,
        finish: () => {
          running -= 1;
        },
      },
    });
    return checkReply(reply, { endpoint: options.endpoint, model: options.model });
  };

  return {
    endpoint: options.endpoint,
    model: options.model,
    provider: options.provider,
    servedName: options.servedName,
    simulated: options.simulated ?? false,
    call,
    pass: createPass({
      upstream,
      prefix,
      headers: fixed,
      endpoint: options.endpoint,
      model: options.model,
      count: () => {
        running += 1;
        return () => {
          running -= 1;
        };
      },
    }),
    load: () => ({ running, waiting: 0 }),
    close: () => upstream.close(),
  };
}
