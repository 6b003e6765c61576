import { CLAUDE_PREFILL } from '../continuation/continuation.ts';
import { native } from './provider-entry.ts';

/** Providers with a wire format, an address scheme or credentials of their own. */
export const NATIVE_PROVIDERS = Object.freeze({
  openai: native({
    title: 'OpenAI',
    transport: 'openai',
    baseUrl: 'https://api.openai.com/v1',
    keyVariable: 'OPENAI_API_KEY',
    speaks: ['openai-chat', 'openai-responses'],
    operations: ['chat', 'completions', 'embeddings'],
    passes: ['moderations', 'images', 'image-edits', 'speech', 'transcriptions', 'translations'],
    batchApi: { form: 'openai', percent: 50 },
  }),
  azure: native({
    title: 'Azure OpenAI',
    transport: 'azure',
    addressForm: 'https://RESOURCE.openai.azure.com',
    keyVariable: 'AZURE_OPENAI_API_KEY',
    // Without a key an Entra token is fetched.
    needsKey: false,
    speaks: ['openai-chat', 'openai-responses'],
    operations: ['chat', 'completions', 'embeddings'],
    passes: ['images', 'image-edits', 'speech', 'transcriptions', 'translations'],
    batchApi: { form: 'azure', percent: 50 },
  }),
  anthropic: native({
    title: 'Anthropic',
    transport: 'anthropic',
    baseUrl: 'https://api.anthropic.com/v1',
    keyVariable: 'ANTHROPIC_API_KEY',
    speaks: ['anthropic-messages'],
    passes: ['count-tokens'],
    batchApi: { form: 'anthropic', percent: 50 },
    continuation: CLAUDE_PREFILL,
  }),
  gemini: native({
    title: 'Google Gemini (AI Studio)',
    transport: 'gemini',
    baseUrl: 'https://generativelanguage.googleapis.com/v1beta',
    keyVariable: 'GEMINI_API_KEY',
    speaks: ['gemini', 'openai-chat'],
    operations: ['chat', 'embeddings'],
    passes: ['count-tokens', 'images'],
    batchApi: { form: 'gemini', percent: 50 },
  }),
  vertex: native({
    title: 'Google Vertex AI (Gemini and Claude)',
    transport: 'vertex',
    addressForm: 'made of spec.provider.project and spec.provider.region',
    keyVariable: 'GOOGLE_APPLICATION_CREDENTIALS',
    // The credentials are those of Google Cloud.
    needsKey: false,
    speaks: ['gemini', 'anthropic-messages'],
    passes: ['count-tokens'],
    continuation: CLAUDE_PREFILL,
  }),
  bedrock: native({
    title: 'Amazon Bedrock (Converse)',
    transport: 'bedrock',
    addressForm: 'made of spec.provider.region',
    keyVariable: 'AWS_BEARER_TOKEN_BEDROCK',
    // Without a key requests are signed with the credentials of AWS.
    needsKey: false,
    speaks: ['bedrock-converse'],
    continuation: CLAUDE_PREFILL,
  }),
  cohere: native({
    title: 'Cohere',
    transport: 'cohere',
    baseUrl: 'https://api.cohere.com',
    keyVariable: 'COHERE_API_KEY',
    speaks: ['cohere-chat', 'openai-chat'],
    operations: ['chat', 'embeddings'],
    passes: ['rerank', 'tokenize', 'detokenize'],
  }),
  mistral: native({
    title: 'Mistral',
    transport: 'openai',
    baseUrl: 'https://api.mistral.ai/v1',
    keyVariable: 'MISTRAL_API_KEY',
    speaks: ['openai-chat'],
    operations: ['chat', 'embeddings'],
    passes: ['moderations', 'transcriptions'],
    batchApi: { form: 'mistral', percent: 50 },
    // Mistral refuses unknown fields; its streams end with the usage without being asked.
    quirks: { renames: { seed: 'random_seed', max_completion_tokens: 'max_tokens' }, omits: ['stream_options', 'user', 'store', 'service_tier'] },
    refuses: ['logit_bias', 'logprobs', 'top_logprobs'],
    continuation: { how: 'prefix', echoes: true },
  }),
});
