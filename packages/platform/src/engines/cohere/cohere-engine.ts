import type { Engine } from '../engine.ts';
import { openAiPath } from '../openai-compatible/openai-paths.ts';
import type { PassOperation } from '../pass-request.ts';
import { createTransport, type TransportOptions } from '../transport/transport.ts';

export interface CohereOptions extends TransportOptions {
  readonly apiKey?: string | undefined;
}

const PASSED: Readonly<Partial<Record<PassOperation, string>>> = { rerank: '/v2/rerank', tokenize: '/v1/tokenize', detokenize: '/v1/detokenize' };

/** Calls Cohere: chat in its own format of version 2, and in that of OpenAI by its compatibility API. */
export function createCohereEngine(options: CohereOptions): Engine {
  const { apiKey } = options;
  const baseUrl = options.baseUrl.replace(/\/(v1|v2|compatibility\/v1)\/*$/, '');
  const headers = { ...(apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` }), ...options.headers };
  return createTransport(
    { ...options, baseUrl, headers },
    {
      speaks: ['cohere-chat', 'openai-chat'],
      target(request, prefix) {
        const { operation, format } = request;
        if (operation === 'chat' && format === 'cohere-chat') return { path: `${prefix}/v2/chat` };
        if (operation === 'completions' || (operation === 'chat' && format !== 'openai-chat')) return undefined;
        return { path: `${prefix}/compatibility/v1${openAiPath(request) ?? ''}` };
      },
      pass(operation, prefix) {
        const path = PASSED[operation];
        return path === undefined ? undefined : { path: prefix + path };
      },
    },
  );
}
