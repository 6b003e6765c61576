import type { Model, Resource } from '@maru/api/resources';
import type { Catalogue, CatalogueEntry } from '#gateway';
import type { Registry } from '#resources';

/** The public names of the resources that are in force: models, routes with their aliases, and agents as `agent/<name>`. */
export function createCatalogue(registry: Registry): Catalogue {
  let names = read(registry);
  registry.subscribe(() => {
    names = read(registry);
  });
  return { list: () => [...new Set(names.values())], find: (name) => names.get(name) };
}

/** Whether a Model only imitates an engine. */
export const isSimulated = (model: Model): boolean => model.spec.serving?.engine === 'twin';

function read(registry: Registry): ReadonlyMap<string, CatalogueEntry> {
  const names = new Map<string, CatalogueEntry>();
  const simulated = new Set(
    registry
      .list('Model')
      .filter(isSimulated)
      .map((model) => model.metadata.name),
  );
  for (const { resource, updatedMs } of registry.all()) {
    const entry = toEntry(resource, { updatedMs, simulated });
    if (entry === undefined) continue;
    names.set(entry.name, entry);
    if (resource.kind === 'Route') for (const alias of resource.spec.aliases) names.set(alias, { ...entry, name: alias });
  }
  return names;
}

function toEntry(resource: Resource, facts: { updatedMs: number; simulated: ReadonlySet<string> }): CatalogueEntry | undefined {
  const described = 'description' in resource.spec && resource.spec.description !== undefined ? { description: resource.spec.description } : {};
  const base = { ...described, createdMs: facts.updatedMs };
  if (resource.kind === 'Model') {
    const { provider, capabilities, contextWindow } = resource.spec;
    return {
      ...base,
      name: resource.metadata.name,
      kind: 'model',
      simulated: isSimulated(resource),
      ownedBy: provider?.name ?? 'maru',
      capabilities,
      ...(contextWindow === undefined ? {} : { contextWindow }),
    };
  }
  if (resource.kind === 'Route') {
    // A route is called simulated only when every answer of it is.
    return {
      ...base,
      name: resource.metadata.name,
      kind: 'route',
      simulated: resource.spec.backends.every((backend) => facts.simulated.has(backend.model)),
      ownedBy: 'maru',
    };
  }
  if (resource.kind === 'Agent')
    return {
      ...base,
      name: `agent/${resource.metadata.name}`,
      kind: 'agent',
      simulated: facts.simulated.has(resource.spec.model),
      ownedBy: 'maru',
      capabilities: ['chat'],
    };
  return undefined;
}
