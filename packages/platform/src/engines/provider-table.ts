import type { Model } from '@maru/api/resources';

type ProviderName = NonNullable<Model['spec']['provider']>['name'];

export interface ProviderEntry {
  /** Where the vendor serves its API; undefined when every installation has its own address. */
  readonly baseUrl: string | undefined;
  readonly speaks: 'openai' | 'anthropic';
  readonly needsKey: boolean;
}

/** The vendors that are known by name. Gemini is called through the OpenAI-compatible endpoint that Google offers. */
export const PROVIDER_TABLE: Readonly<Record<ProviderName, ProviderEntry>> = Object.freeze({
  openai: { baseUrl: 'https://api.openai.com/v1', speaks: 'openai', needsKey: true },
  anthropic: { baseUrl: 'https://api.anthropic.com/v1', speaks: 'anthropic', needsKey: true },
  gemini: { baseUrl: 'https://generativelanguage.googleapis.com/v1beta/openai', speaks: 'openai', needsKey: true },
  'openai-compatible': { baseUrl: undefined, speaks: 'openai', needsKey: false },
});
