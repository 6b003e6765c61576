import type { Model, Resource } from '@maru/api/resources';
import type { EndpointState, ServedModel } from '@maru/api/wire';
import { PROVIDER_TABLE, READER_MODEL_CARD, speaksOf } from '#engines';
import type { Catalogue } from '#gateway';
import type { Registry } from '#resources';
import type { EnginePool } from '../engine-pool.ts';
import { findRoute } from '../wildcards.ts';

export interface ServedModelsOptions {
  readonly registry: Registry;
  readonly catalogue: Catalogue;
  readonly endpoints: readonly EndpointState[];
  readonly pool: Pick<EnginePool, 'enginesOf'>;
  /** Price of a Model; null where none is known. */
  readonly listPrice: (model: Model) => ServedModel['price'];
}

const TWIN_CARD = `# The engine twin

A simulated engine. Its batching, its cache, its queue and its timing are modelled after a real server; **its text is invented** and means nothing.

Use it to try routing, limits, budgets and dashboards without a GPU, and to see how a real engine would behave under your load.`;

/** Everything that can be named as \`model\`, with what is behind it. */
export function servedModels(options: ServedModelsOptions): readonly ServedModel[] {
  const { registry, catalogue, endpoints } = options;
  return catalogue.list().map((entry) => {
    const resource = resourceOf(registry, entry.name, entry.kind);
    return {
      id: entry.name,
      kind: entry.kind,
      resource: resource?.metadata.name ?? entry.name,
      description: entry.description ?? null,
      ...(resource?.kind === 'Model' ? carrierOf(resource, options) : NO_CARRIER),
      simulated: entry.simulated,
      capabilities: [...(entry.capabilities ?? [])],
      contextWindow: entry.contextWindow ?? null,
      price: resource?.kind === 'Model' ? options.listPrice(resource) : null,
      card: cardOf(resource),
      targets: targetsOf(resource),
      endpoints: entry.kind === 'model' ? endpoints.filter((endpoint) => endpoint.model === entry.name) : [],
    };
  });
}

type Carrier = Pick<ServedModel, 'provider' | 'providerTitle' | 'servedName' | 'formats' | 'refuses'>;
const NO_CARRIER: Carrier = Object.freeze({ provider: null, providerTitle: null, servedName: null, formats: [], refuses: [] });

/** Who answers for a Model, and in which formats. */
function carrierOf(model: Model, { pool }: Pick<ServedModelsOptions, 'pool'>): Carrier {
  const { provider, serving, capabilities } = model.spec;
  const engine = pool.enginesOf(model.metadata.name)[0];
  return {
    provider: provider?.name ?? serving?.engine ?? null,
    providerTitle: provider === undefined ? null : PROVIDER_TABLE[provider.name].title,
    servedName: engine?.servedName ?? provider?.model ?? serving?.servedName ?? null,
    formats: engine === undefined || !capabilities.includes('chat') ? [] : [...speaksOf(engine)],
    refuses: [...(engine?.refuses ?? [])],
  };
}

function resourceOf(registry: Registry, name: string, kind: 'model' | 'route' | 'agent'): Resource | undefined {
  if (kind === 'model') return registry.get('Model', name);
  if (kind === 'agent') return registry.get('Agent', name.slice('agent/'.length));
  return findRoute(registry, name);
}

function cardOf(resource: Resource | undefined): string | null {
  if (resource?.kind !== 'Model') return null;
  const engine = resource.spec.serving?.engine;
  if (engine === 'twin') return TWIN_CARD;
  return engine === 'reader' && !resource.spec.capabilities.includes('embeddings') ? READER_MODEL_CARD : null;
}

function targetsOf(resource: Resource | undefined): string[] {
  if (resource?.kind === 'Agent') return [resource.spec.model];
  if (resource?.kind === 'Route')
    return [...new Set([...resource.spec.backends.map((backend) => backend.model), ...resource.spec.fallbacks.flatMap((fallback) => fallback.to)])];
  return [];
}
