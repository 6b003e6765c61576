import type { Registry } from '#resources';

const ANNOTATION = 'maru.dev/model-groups';

/** Groups of models for allow-lists: Models and Routes name theirs, between commas, in the annotation `maru.dev/model-groups`. */
export function modelGroupsOf(registry: Registry): ReadonlyMap<string, readonly string[]> {
  const groups = new Map<string, string[]>();
  const add = (annotation: string | undefined, names: readonly string[]): void => {
    for (const group of (annotation ?? '').split(',')) {
      const name = group.trim();
      if (name !== '') groups.set(name, [...(groups.get(name) ?? []), ...names]);
    }
  };
  for (const { metadata } of registry.list('Model')) add(metadata.annotations?.[ANNOTATION], [metadata.name]);
  for (const { metadata, spec } of registry.list('Route')) add(metadata.annotations?.[ANNOTATION], [metadata.name, ...spec.aliases]);
  return groups;
}
