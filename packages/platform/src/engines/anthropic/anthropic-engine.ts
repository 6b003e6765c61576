import type { Engine } from '../engine.ts';
import { createTransport, type TransportOptions } from '../transport/transport.ts';

export interface AnthropicOptions extends TransportOptions {
  readonly apiKey?: string | undefined;
}

/** Calls the Anthropic Messages API, and servers that offer it. `baseUrl` goes up to and with the version: `https://api.anthropic.com/v1`. */
export function createAnthropicEngine(options: AnthropicOptions): Engine {
  const headers = {
    'anthropic-version': '2023-06-01',
    ...(options.apiKey === undefined ? {} : { 'x-api-key': options.apiKey }),
    ...options.headers,
  };
  return createTransport(
    { ...options, headers },
    {
      speaks: ['anthropic-messages'],
      target: ({ operation, format }, prefix) => (operation === 'chat' && format === 'anthropic-messages' ? { path: `${prefix}/messages` } : undefined),
      pass: (operation, prefix) => (operation === 'count-tokens' ? { path: `${prefix}/messages/count_tokens` } : undefined),
    },
  );
}
