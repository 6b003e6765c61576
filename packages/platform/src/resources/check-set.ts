import { KINDS, type Resource, resourceKey } from '@maru/api/resources';
import type { ResourceProblem } from '@maru/api/wire';
import { conditionProblems } from './check-conditions.ts';
import { findCycle } from './find-cycle.ts';
import { nearestName } from './nearest-name.ts';
import { formatPath, type LoadedResource } from './parse-resources.ts';

/** What a resource names, with the path of the name. */
export function referencesOf(
  resource: Resource,
): readonly { readonly kind: readonly string[]; readonly path: readonly (string | number)[]; readonly name: string }[] {
  // The union of kinds can not be matched to the union of specs by the compiler; the schema of the kind has accepted the spec.
  return KINDS[resource.kind].references(resource.spec as never);
}

/** Checks what no schema of one kind can see: double names, missing references, circles. */
export function checkSet(loaded: readonly LoadedResource[]): readonly ResourceProblem[] {
  const problems: ResourceProblem[] = [];
  const byKey = new Map<string, LoadedResource>();
  for (const entry of loaded) {
    const key = resourceKey(entry.resource);
    const first = byKey.get(key);
    if (first !== undefined) {
      const place = first.placeOf(['metadata', 'name']);
      problems.push(
        problemAt(entry, ['metadata', 'name'], { code: 'resource_duplicate', message: `${key} exists already at ${first.file ?? '(input)'}:${place.line}` }),
      );
      continue;
    }
    byKey.set(key, entry);
  }
  problems.push(...publicNameProblems([...byKey.values()]));
  for (const entry of byKey.values()) {
    problems.push(...conditionProblems(entry.resource).map(({ path, message }) => problemAt(entry, path, { code: 'resource_invalid', message })));
    for (const reference of referencesOf(entry.resource)) {
      if (reference.kind.some((kind) => byKey.has(`${kind}/${reference.name}`))) continue;
      const names = [...byKey.values()].filter((other) => reference.kind.includes(other.resource.kind)).map((other) => other.resource.metadata.name);
      const near = nearestName(reference.name, names);
      const hint = near === undefined ? (names.length === 0 ? '' : `; there are ${names.join(', ')}`) : `; did you mean "${near}"?`;
      problems.push(
        problemAt(entry, reference.path, { code: 'reference_missing', message: `no ${reference.kind.join(' or ')} is called "${reference.name}"${hint}` }),
      );
    }
  }
  const cycle = findCycle(edgesOf([...byKey.values()]));
  if (cycle !== undefined) {
    const entry = byKey.get(cycle[0]?.split('#')[0] ?? '');
    if (entry !== undefined)
      problems.push(
        problemAt(entry, ['metadata', 'name'], { code: 'reference_cycle', message: `these refer to each other in a circle: ${cycle.join(' -> ')}` }),
      );
  }
  return problems;
}

/** A Model, a Route and an alias of a Route share one space of names: what clients send as `model`. */
function publicNameProblems(loaded: readonly LoadedResource[]): readonly ResourceProblem[] {
  const owners = new Map<string, string>();
  const problems: ResourceProblem[] = [];
  for (const entry of loaded) {
    const { resource } = entry;
    if (resource.kind !== 'Model' && resource.kind !== 'Route') continue;
    const names: { name: string; path: (string | number)[] }[] = [{ name: resource.metadata.name, path: ['metadata', 'name'] }];
    if (resource.kind === 'Route') names.push(...resource.spec.aliases.map((name, index) => ({ name, path: ['spec', 'aliases', index] })));
    for (const { name, path } of names) {
      const owner = owners.get(name);
      if (owner !== undefined)
        problems.push(problemAt(entry, path, { code: 'resource_duplicate', message: `the public name "${name}" belongs to ${owner} already` }));
      else owners.set(name, resourceKey(resource));
    }
  }
  return problems;
}

/** Edges along which a request or a decision could run in a circle. Fallbacks may: the router never goes to a model twice. */
function edgesOf(loaded: readonly LoadedResource[]): ReadonlyMap<string, readonly string[]> {
  const edges = new Map<string, string[]>();
  for (const { resource } of loaded) {
    const key = resourceKey(resource);
    if (resource.kind === 'Tenant' && resource.spec.parent !== undefined) edges.set(key, [`Tenant/${resource.spec.parent}`]);
    if (resource.kind === 'Agent')
      edges.set(
        key,
        resource.spec.tools.flatMap((tool) => (tool.type === 'agent' ? [`Agent/${tool.agent}`] : [])),
      );
    if (resource.kind === 'Pipeline')
      for (const step of resource.spec.steps)
        edges.set(
          `${key}#${step.name}`,
          step.needs.map((name) => `${key}#${name}`),
        );
  }
  return edges;
}

function problemAt(entry: LoadedResource, path: readonly (string | number)[], said: Pick<ResourceProblem, 'code' | 'message'>): ResourceProblem {
  return { file: entry.file, ...entry.placeOf(path), path: formatPath(path), ...said };
}
