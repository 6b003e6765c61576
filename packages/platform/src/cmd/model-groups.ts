import type { Registry } from '#resources';

const ANNOTATION = 'maru.dev/model-groups';

/** Groups of models for allow-lists: Models and Routes name theirs, between commas, in the annotation `maru.dev/model-groups`. */
export function modelGroupsOf(registry: Registry): ReadonlyMap<string, readonly string[]> {
  const groups = new Map<string, string[]>();
  for (const { metadata } of [...registry.list('Model'), ...registry.list('Route')])
    for (const group of (metadata.annotations?.[ANNOTATION] ?? '').split(',')) {
      const name = group.trim();
      if (name !== '') groups.set(name, [...(groups.get(name) ?? []), metadata.name]);
    }
  return groups;
}
