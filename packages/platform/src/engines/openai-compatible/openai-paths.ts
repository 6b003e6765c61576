import type { EngineRequest } from '../engine.ts';
import type { PassOperation } from '../pass-request.ts';

const CHAT: Readonly<Record<string, string>> = {
  'openai-chat': '/chat/completions',
  'openai-responses': '/responses',
  'anthropic-messages': '/messages',
};

/** Where an OpenAI-compatible server has an operation, below its version. */
export function openAiPath(request: Pick<EngineRequest, 'operation' | 'format'>): string | undefined {
  if (request.operation === 'chat') return CHAT[request.format ?? 'openai-chat'];
  return request.operation === 'completions' ? '/completions' : '/embeddings';
}

const PASSED: Readonly<Partial<Record<PassOperation, string>>> = {
  moderations: '/moderations',
  images: '/images/generations',
  'image-edits': '/images/edits',
  speech: '/audio/speech',
  transcriptions: '/audio/transcriptions',
  translations: '/audio/translations',
  rerank: '/rerank',
  score: '/score',
};
/** vLLM serves these beside its `/v1`. */
const AT_ROOT: Readonly<Partial<Record<PassOperation, string>>> = { tokenize: '/tokenize', detokenize: '/detokenize' };

/** Where an OpenAI-compatible server has an operation whose bytes are passed on; undefined where it has none. */
export function openAiPassPath(operation: PassOperation, prefix: string): string | undefined {
  const root = AT_ROOT[operation];
  if (root !== undefined) return prefix.replace(/\/v\d+$/, '') + root;
  const path = PASSED[operation];
  return path === undefined ? undefined : prefix + path;
}
