import type { Engine } from '../engine.ts';
import { openAiPath } from '../openai-compatible/openai-paths.ts';
import { createTransport, type TransportOptions } from '../transport/transport.ts';

export interface GeminiOptions extends TransportOptions {
  readonly apiKey?: string | undefined;
}

/** Calls Gemini by the API of AI Studio: in its own format, and in that of OpenAI by the endpoint that Google offers for it. */
export function createGeminiEngine(options: GeminiOptions): Engine {
  const { apiKey } = options;
  const baseUrl = options.baseUrl.replace(/\/openai\/*$/, '');
  const model = `/models/${encodeURIComponent(options.servedName)}`;
  const ownKey: Readonly<Record<string, string>> = apiKey === undefined ? {} : { 'x-goog-api-key': apiKey };
  const openAiKey: Readonly<Record<string, string>> = apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` };
  return createTransport(
    { ...options, baseUrl },
    {
      speaks: ['gemini', 'openai-chat'],
      target(request, prefix) {
        const { operation, format, stream } = request;
        if (operation === 'chat' && format === 'gemini') {
          return { path: `${prefix}${model}${stream ? ':streamGenerateContent?alt=sse' : ':generateContent'}`, headers: ownKey };
        }
        if (operation === 'completions' || (operation === 'chat' && format !== 'openai-chat')) return undefined;
        return { path: `${prefix}/openai${openAiPath(request) ?? ''}`, headers: openAiKey };
      },
      pass(operation, prefix) {
        if (operation === 'count-tokens') return { path: `${prefix}${model}:countTokens`, headers: ownKey };
        return operation === 'images' ? { path: `${prefix}/openai/images/generations`, headers: openAiKey } : undefined;
      },
    },
  );
}
