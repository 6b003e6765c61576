import { PlatformError } from '@maru/api/errors';
import type { ProviderEntry } from '../providers/provider-entry.ts';
import { createAnthropicBatchApi } from './anthropic-batch-api.ts';
import type { BatchApi } from './batch-api.ts';
import { createOpenAiBatchApi } from './openai-batch-api.ts';

export interface BatchApiFacts {
  /** Name of the Model. */
  readonly model: string;
  readonly endpoint: string;
  readonly provider: string;
  readonly entry: Pick<ProviderEntry, 'batchApi'>;
  readonly baseUrl: string;
  readonly apiKey: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
}

/** The batch API of a provider. Throws `resource_invalid` where it has none that is known. */
export function createBatchApi({ model, provider, entry, apiKey, ...options }: BatchApiFacts): BatchApi {
  switch (entry.batchApi?.form) {
    case 'openai':
      return createOpenAiBatchApi({ ...options, headers: { ...(apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` }), ...options.headers } });
    case 'anthropic':
      return createAnthropicBatchApi({
        ...options,
        headers: { 'anthropic-version': '2023-06-01', ...(apiKey === undefined ? {} : { 'x-api-key': apiKey }), ...options.headers },
      });
    case undefined:
      throw new PlatformError('resource_invalid', {
        message: `Model "${model}": no batch API of the provider "${provider}" is known; leave spec.provider.batchApi out, and lines of batches are called one by one`,
      });
  }
}
