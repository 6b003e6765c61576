import type { Model, Resource } from '@maru/api/resources';
import { hasStandIns } from '#engines';
import type { Catalogue, CatalogueEntry } from '#gateway';
import type { Registry } from '#resources';
import { findRoute } from './wildcards.ts';

/** The public names of the resources that are in force: models, routes with their aliases, and agents as `agent/<name>`. */
export function createCatalogue(registry: Registry): Catalogue {
  let names = read(registry);
  registry.subscribe(() => {
    names = read(registry);
  });
  const findByPattern = (name: string): CatalogueEntry | undefined => {
    const route = findRoute(registry, name);
    const entry = route === undefined ? undefined : names.get(route.metadata.name);
    return entry === undefined ? undefined : { ...entry, name };
  };
  const list = (): readonly CatalogueEntry[] => {
    const unlisted = new Set(registry.list('Route').flatMap((route) => route.spec.unlistedAliases));
    return [...new Set(names.values())].filter((entry) => !unlisted.has(entry.name) && isListed(registry, entry));
  };
  return { list, find: (name) => names.get(name) ?? findByPattern(name) };
}

/** A name that only the resources need can be called, and is not shown: a Model behind a Route, a Route whose public names are its aliases. */
const isListed = (registry: Registry, { kind, name }: CatalogueEntry): boolean =>
  kind === 'agent' || registry.get(kind === 'model' ? 'Model' : 'Route', name)?.metadata.labels?.['maru.dev/listed'] !== 'false';

/** Whether a Model only imitates an engine, or answers with a text that was written for it. */
export const isSimulated = (model: Model): boolean => model.spec.serving?.engine === 'twin' || model.spec.serving?.answer !== undefined || hasStandIns(model);

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
    const { provider, capabilities, contextWindow, direct } = resource.spec;
    return {
      ...base,
      name: resource.metadata.name,
      kind: 'model',
      simulated: isSimulated(resource),
      ownedBy: provider?.name ?? 'maru',
      capabilities,
      ...(contextWindow === undefined ? {} : { contextWindow }),
      ...(direct ? {} : { closed: true }),
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
