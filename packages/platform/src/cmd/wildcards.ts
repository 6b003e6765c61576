import type { Route } from '@maru/api/resources';
import type { Engine } from '#engines';
import type { Registry } from '#resources';

/** The Route of a public name: by its own name, by an alias, or by an alias with `*`, the longest one that fits. */
export function findRoute(registry: Registry, name: string): Route | undefined {
  const own = registry.get('Route', name);
  if (own !== undefined) return own;
  let best: { readonly route: Route; readonly length: number } | undefined;
  for (const route of registry.list('Route')) {
    for (const alias of route.spec.aliases) {
      if (alias === name) return route;
      if (starOf(alias, name) !== undefined && alias.length > (best?.length ?? 0)) best = { route, length: alias.length };
    }
  }
  return best?.route;
}

/** What the `*` of a pattern stands for in a name; undefined where the name does not fit or the pattern has none. */
export function starOf(pattern: string, name: string): string | undefined {
  const at = pattern.indexOf('*');
  if (at < 0) return undefined;
  const [before, after] = [pattern.slice(0, at), pattern.slice(at + 1)];
  if (name.length <= before.length + after.length || !name.startsWith(before) || !name.endsWith(after)) return undefined;
  return name.slice(before.length, name.length - after.length);
}

/** An engine of a Model whose vendor's name has a `*`, serving what the client asked for. */
export function withStar(engine: Engine, route: Route | undefined, requested: string): Engine {
  if (!engine.servedName.includes('*')) return engine;
  const star = route?.spec.aliases.map((alias) => starOf(alias, requested)).find((text) => text !== undefined) ?? requested.slice(requested.indexOf('/') + 1);
  return { ...engine, servedName: engine.servedName.replace('*', () => star) };
}
