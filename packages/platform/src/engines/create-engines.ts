import { PlatformError } from '@maru/api/errors';
import { durationToMs, type Model, type SecretRef } from '@maru/api/resources';
import type { Clock } from '#time';
import { createAnthropicEngine } from './anthropic/anthropic-engine.ts';
import { ENGINE_OPERATIONS, type Engine, type EngineOperation } from './engine.ts';
import { createOpenAiCompatibleEngine } from './openai-compatible/openai-compatible-engine.ts';
import { PROVIDER_TABLE } from './provider-table.ts';

/** One replica that runs in this process. */
export interface LocalReplica {
  readonly model: Model;
  /** Unique in the platform, `NAME-INDEX`. */
  readonly endpoint: string;
  readonly index: number;
}

export interface CreateEnginesDeps {
  readonly clock: Clock;
  /** Throws `config_invalid` when the secret is not set. */
  readonly resolveSecret: (ref: SecretRef) => string;
  /** Base URLs, with `/v1`, of the replicas that a cluster runs for a model; empty while there are none. */
  readonly endpointsOf: (model: Model) => readonly string[];
  readonly createTwin: (replica: LocalReplica) => Engine;
  readonly createReader: (replica: LocalReplica) => Engine;
}

/**
 * The engines of a Model: one per address of a provider, one per replica that runs here, one per replica in the cluster.
 * Throws `resource_invalid` when an address is missing, and what `resolveSecret` throws.
 */
export function createEngines(model: Model, deps: CreateEnginesDeps): Engine[] {
  const { serving } = model.spec;
  if (model.spec.provider !== undefined) return providerEngines(model, deps);
  if (serving === undefined) return [];
  if (serving.engine === 'twin' || serving.engine === 'reader') {
    const create = serving.engine === 'twin' ? deps.createTwin : deps.createReader;
    return Array.from({ length: serving.replicas }, (_, index) => create({ model, endpoint: `${model.metadata.name}-${index}`, index }));
  }
  return deps.endpointsOf(model).map((baseUrl, index) =>
    createOpenAiCompatibleEngine({
      endpoint: `${model.metadata.name}-${index}`,
      model: model.metadata.name,
      provider: serving.engine,
      servedName: serving.servedName ?? model.metadata.name,
      baseUrl,
      operations: operationsOf(model),
      timeoutMs: durationToMs(model.spec.timeout),
    }),
  );
}

function providerEngines(model: Model, deps: CreateEnginesDeps): Engine[] {
  const { provider } = model.spec;
  if (provider === undefined) return [];
  const { name } = model.metadata;
  const vendor = PROVIDER_TABLE[provider.name];
  const urls = provider.endpoints ?? [provider.baseUrl ?? vendor.baseUrl].filter((url) => url !== undefined);
  if (urls.length === 0) {
    throw new PlatformError('resource_invalid', {
      message: `Model "${name}": the provider "${provider.name}" has no address of its own; set spec.provider.baseUrl or spec.provider.endpoints`,
    });
  }
  if (vendor.needsKey && provider.apiKey === undefined && provider.baseUrl === undefined && provider.endpoints === undefined) {
    throw new PlatformError('resource_invalid', {
      message: `Model "${name}": ${provider.name} needs a key; set spec.provider.apiKey to {env: NAME} or {secret: NAME, key: KEY}`,
    });
  }
  const apiKey = provider.apiKey === undefined ? undefined : deps.resolveSecret(provider.apiKey);
  return urls.map((baseUrl, index) => {
    const common = {
      endpoint: urls.length === 1 ? name : `${name}-${index}`,
      model: name,
      servedName: provider.model,
      baseUrl,
      apiKey,
      ...(provider.headers === undefined ? {} : { headers: lowerCaseNames(provider.headers) }),
      timeoutMs: durationToMs(model.spec.timeout),
    };
    return vendor.speaks === 'anthropic'
      ? createAnthropicEngine({ ...common, clock: deps.clock })
      : createOpenAiCompatibleEngine({ ...common, provider: provider.name, operations: operationsOf(model) });
  });
}

/** What a Model can be asked for, by its capabilities. */
export const operationsOf = (model: Model): readonly EngineOperation[] => ENGINE_OPERATIONS.filter((operation) => model.spec.capabilities.includes(operation));

const lowerCaseNames = (headers: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
