import type { Resource } from '@maru/api/resources';
import type { EndpointState, ServedModel } from '@maru/api/wire';
import { READER_MODEL_CARD } from '#engines';
import type { Catalogue } from '#gateway';
import type { Registry } from '#resources';
import { findRoute } from '../wildcards.ts';

export interface ServedModelsOptions {
  readonly registry: Registry;
  readonly catalogue: Catalogue;
  readonly endpoints: readonly EndpointState[];
  /** Price of a Model, where one is known. */
  readonly priceOf: (model: string) => ServedModel['price'];
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
      description: entry.description ?? null,
      provider: resource?.kind === 'Model' ? (resource.spec.provider?.name ?? resource.spec.serving?.engine ?? null) : null,
      simulated: entry.simulated,
      capabilities: [...(entry.capabilities ?? [])],
      contextWindow: entry.contextWindow ?? null,
      price: entry.kind === 'model' ? options.priceOf(entry.name) : null,
      card: cardOf(resource),
      targets: targetsOf(resource),
      endpoints: entry.kind === 'model' ? endpoints.filter((endpoint) => endpoint.model === entry.name) : [],
    };
  });
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
