import { durationToMs, type Model, type SecretRef } from '@maru/api/resources';
import type { Clock } from '#time';
import { createAnthropicEngine } from '../anthropic/anthropic-engine.ts';
import { createAwsCredentials } from '../aws/aws-credentials.ts';
import { createAzureEngine } from '../azure/azure-engine.ts';
import { createEntraToken } from '../azure/entra-token.ts';
import type { BatchApi } from '../batch-api/batch-api.ts';
import { createBatchApi } from '../batch-api/create-batch-api.ts';
import { createBedrockEngine } from '../bedrock/bedrock-engine.ts';
import { createCohereEngine } from '../cohere/cohere-engine.ts';
import { type Continuation, continuationOf } from '../continuation/continuation.ts';
import { bearer } from '../credentials/bearer.ts';
import { type Cloud, createCloud } from '../credentials/cloud.ts';
import type { Engine, EngineOperation } from '../engine.ts';
import { createGeminiEngine } from '../gemini/gemini-engine.ts';
import { createOpenAiCompatibleEngine } from '../openai-compatible/openai-compatible-engine.ts';
import type { Authorize } from '../transport/authorize.ts';
import { createGoogleToken } from '../vertex/google-token.ts';
import { createVertexEngine } from '../vertex/vertex-engine.ts';
import { addressesOf, awsRegionOf } from './addresses.ts';
import type { ProviderEntry } from './provider-entry.ts';
import { PROVIDER_TABLE } from './provider-table.ts';

type Provider = NonNullable<Model['spec']['provider']>;

export interface ProviderModel {
  readonly model: Model;
  readonly provider: Provider;
  readonly operations: readonly EngineOperation[];
}

export interface ProviderDeps {
  readonly clock: Clock;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly resolveSecret: (ref: SecretRef) => string;
}

/** The engines of a Model of a provider, one per address. Throws `resource_invalid` naming the field that is missing. */
export function providerEngines({ model, provider, operations }: ProviderModel, deps: ProviderDeps): Engine[] {
  const { name } = model.metadata;
  const entry = PROVIDER_TABLE[provider.name];
  const urls = addressesOf({ name, provider, entry, environment: deps.environment });
  const apiKey = secretOf(provider.apiKey, deps);
  const common = {
    model: name,
    provider: provider.name,
    servedName: provider.model,
    apiKey,
    headers: lowerCaseNames(provider.headers ?? {}),
    operations: operations.filter((operation) => entry.operations.includes(operation)),
    timeoutMs: durationToMs(model.spec.timeout),
    continuation: continuationOf({ declared: model.spec.continuation, entry, servedName: provider.model }),
  };
  return urls.map((baseUrl, index) => {
    const options: EngineFacts = { ...common, endpoint: urls.length === 1 ? name : `${name}-${index}`, baseUrl };
    const engine = createEngine(options, { provider, entry, deps });
    return provider.batchApi === true ? withBatchApi(engine, batchApiOf(options, { provider, entry, deps })) : engine;
  });
}

interface EngineFacts {
  readonly endpoint: string;
  readonly model: string;
  readonly provider: string;
  readonly servedName: string;
  readonly baseUrl: string;
  readonly apiKey: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly operations: readonly EngineOperation[];
  readonly timeoutMs: number;
  readonly continuation: Continuation | undefined;
}

interface Making {
  readonly provider: Provider;
  readonly entry: ProviderEntry;
  readonly deps: ProviderDeps;
}

function createEngine(options: EngineFacts, { provider, entry, deps }: Making): Engine {
  switch (entry.transport) {
    case 'openai':
      return createOpenAiCompatibleEngine({
        ...options,
        speaks: entry.speaks,
        passes: entry.passes,
        ...(entry.quirks === undefined ? {} : { quirks: entry.quirks }),
        ...(entry.refuses === undefined ? {} : { refuses: entry.refuses }),
      });
    case 'anthropic':
      return createAnthropicEngine(options);
    case 'gemini':
      return createGeminiEngine(options);
    case 'cohere':
      return createCohereEngine(options);
    case 'azure':
      return withCloud(deps, (cloud) => {
        const authorize = entraOf(provider, { deps, cloud });
        return createAzureEngine({ ...options, passes: entry.passes, apiVersion: provider.apiVersion, authorize });
      });
    case 'vertex':
      return withCloud(deps, (cloud) => {
        const token = createGoogleToken(secretOf(provider.google?.serviceAccount, deps), cloud);
        return createVertexEngine({ ...options, authorize: bearer(token) });
      });
    case 'bedrock':
      return withCloud(deps, (cloud) => {
        const region = awsRegionOf(provider, deps.environment) ?? 'us-east-1';
        const { aws } = provider;
        const accessKeyId = secretOf(aws?.accessKeyId, deps);
        const secretAccessKey = secretOf(aws?.secretAccessKey, deps);
        const keys =
          accessKeyId === undefined || secretAccessKey === undefined
            ? undefined
            : { accessKeyId, secretAccessKey, sessionToken: secretOf(aws?.sessionToken, deps) };
        const credentials = createAwsCredentials({ region, keys, profile: aws?.profile, roleArn: aws?.roleArn, externalId: aws?.externalId }, cloud);
        return createBedrockEngine({ ...options, region, credentials, clock: deps.clock });
      });
  }
}

function entraOf(provider: Provider, { deps, cloud }: { readonly deps: ProviderDeps; readonly cloud: Cloud }): Authorize {
  const { clientSecret, ...application } = provider.entra ?? {};
  return bearer(createEntraToken({ ...application, clientSecret: secretOf(clientSecret, deps) }, cloud));
}

function batchApiOf(options: EngineFacts, { provider, entry, deps }: Making): BatchApi {
  const facts = { ...options, entry, clock: deps.clock };
  if (entry.transport !== 'azure' || options.apiKey !== undefined) return createBatchApi(facts);
  const cloud = createCloud(deps);
  const batches = createBatchApi({ ...facts, authorize: entraOf(provider, { deps, cloud }) });
  return {
    ...batches,
    close: async () => {
      await Promise.all([batches.close(), cloud.close()]);
    },
  };
}

const withBatchApi = (engine: Engine, batches: BatchApi): Engine => ({
  ...engine,
  batches,
  close: async () => {
    await Promise.all([engine.close(), batches.close()]);
  },
});

/** An engine that owns what it fetches its credentials with. */
function withCloud(deps: ProviderDeps, make: (cloud: Cloud) => Engine): Engine {
  const cloud = createCloud(deps);
  const engine = make(cloud);
  return {
    ...engine,
    close: async () => {
      await Promise.all([engine.close(), cloud.close()]);
    },
  };
}

const secretOf = (ref: SecretRef | undefined, deps: ProviderDeps): string | undefined => (ref === undefined ? undefined : deps.resolveSecret(ref));

const lowerCaseNames = (headers: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
