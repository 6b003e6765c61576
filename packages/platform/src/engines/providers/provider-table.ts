import type { ProviderName } from '@maru/api/resources';
import { NATIVE_PROVIDERS } from './native-providers.ts';
import type { ProviderEntry } from './provider-entry.ts';
import { SERVER_PROVIDERS } from './server-providers.ts';
import { SERVICE_PROVIDERS } from './service-providers.ts';

/** The providers that are known by name. The page docs/gateway/providers.md is generated from this table. */
export const PROVIDER_TABLE: Readonly<Record<ProviderName, ProviderEntry>> = Object.freeze({ ...NATIVE_PROVIDERS, ...SERVICE_PROVIDERS, ...SERVER_PROVIDERS });
