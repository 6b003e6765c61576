import { PlatformError } from '@maru/api/errors';
import type { Clock } from '#time';
import type { ProviderEntry } from '../providers/provider-entry.ts';
import type { Authorize } from '../transport/authorize.ts';
import { createAnthropicBatchApi } from './anthropic-batch-api.ts';
import type { BatchApi } from './batch-api.ts';
import { createGeminiBatchApi } from './gemini-batch-api.ts';
import { createMistralBatchApi } from './mistral-batch-api.ts';
import { createOpenAiBatchApi } from './openai-batch-api.ts';

export interface BatchApiFacts {
  /** Name of the Model. */
  readonly model: string;
  readonly endpoint: string;
  readonly provider: string;
  readonly servedName: string;
  readonly entry: Pick<ProviderEntry, 'batchApi'>;
  readonly baseUrl: string;
  readonly apiKey: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly clock: Pick<Clock, 'sleep'>;
  /** Credentials where there is no key. */
  readonly authorize?: Authorize | undefined;
}

/** The batch API of a provider. Throws `resource_invalid` where it has none that is known. */
export function createBatchApi({ model, provider, entry, apiKey, headers, clock, authorize, ...facts }: BatchApiFacts): BatchApi {
  const withKey = (name: string, prefix = ''): Readonly<Record<string, string>> => ({
    ...(apiKey === undefined ? {} : { [name]: prefix + apiKey }),
    ...headers,
  });
  switch (entry.batchApi?.form) {
    case 'openai':
      return createOpenAiBatchApi({ ...facts, headers: withKey('authorization', 'Bearer ') });
    case 'azure': {
      // The v1 API, whatever the version that calls of the model ask for: only there batches can be marked.
      const baseUrl = `${facts.baseUrl.replace(/\/(openai(\/v1)?)?\/*$/, '')}/openai/v1`;
      return createOpenAiBatchApi({ ...facts, baseUrl, headers: withKey('api-key'), waitsForFile: clock, authorize });
    }
    case 'mistral':
      return createMistralBatchApi({ ...facts, headers: withKey('authorization', 'Bearer ') });
    case 'gemini':
      return createGeminiBatchApi({ ...facts, headers: withKey('x-goog-api-key') });
    case 'anthropic':
      return createAnthropicBatchApi({ ...facts, headers: { 'anthropic-version': '2023-06-01', ...withKey('x-api-key') } });
    case undefined:
      throw new PlatformError('resource_invalid', {
        message: `Model "${model}": no batch API of the provider "${provider}" is known; leave spec.provider.batchApi out, and lines of batches are called one by one`,
      });
  }
}
