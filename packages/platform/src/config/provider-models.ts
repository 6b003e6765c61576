import { API_VERSION } from '@maru/api/resources';
import { stringify } from 'yaml';
import type { Environment } from './config.ts';

const PROVIDERS = [
  { variable: 'OPENAI_API_KEY', provider: 'openai', models: ['gpt-5', 'gpt-5-mini', 'gpt-4o', 'gpt-4o-mini'], embeddings: ['text-embedding-3-small'] },
  { variable: 'ANTHROPIC_API_KEY', provider: 'anthropic', models: ['claude-opus-4-5', 'claude-sonnet-4-5', 'claude-haiku-4-5'], embeddings: [] },
  { variable: 'GEMINI_API_KEY', provider: 'gemini', models: ['gemini-2.5-pro', 'gemini-2.5-flash'], embeddings: ['gemini-embedding-001'] },
] as const;

/** Models of the providers whose keys stand in the environment, as YAML; an empty text when there are none. */
export function providerModels(environment: Environment = process.env): string {
  const documents = PROVIDERS.filter((entry) => (environment[entry.variable] ?? '') !== '').flatMap((entry) => [
    ...entry.models.map((model) => toModel({ entry, model, capabilities: ['chat', 'tools', 'vision', 'json'] })),
    ...entry.embeddings.map((model) => toModel({ entry, model, capabilities: ['embeddings'] })),
  ]);
  return documents.map((document) => stringify(document)).join('---\n');
}

function toModel(options: { entry: (typeof PROVIDERS)[number]; model: string; capabilities: readonly string[] }) {
  const { entry, model, capabilities } = options;
  return {
    apiVersion: API_VERSION,
    kind: 'Model',
    metadata: { name: model },
    spec: {
      description: `${model} of ${entry.provider}, added because ${entry.variable} is set.`,
      provider: { name: entry.provider, model, apiKey: { env: entry.variable } },
      capabilities,
    },
  };
}
