import type { RouteSpec } from '@maru/api/resources';
import { isMap } from './entry.ts';
import type { Notices } from './notices.ts';
import type { Path } from './place.ts';
import { toTexts } from './read-value.ts';
import type { RouteSettings } from './route-settings.ts';

type Fallbacks = RouteSpec['fallbacks'];

const KINDS = [
  { key: 'context_window_fallbacks', on: 'context-window' },
  { key: 'content_policy_fallbacks', on: 'content-policy' },
  { key: 'fallbacks', on: 'any' },
] as const;

export interface FallbackOptions {
  readonly settings: RouteSettings;
  readonly notices: Notices;
  /** Resource name of a group, of an alias or of a deployment id; undefined where there is none. */
  readonly resourceOf: (name: string) => string | undefined;
}

/** Gives the fallbacks of a group: those under its exact name, else under its name without provider, else under `*`, else the default ones. */
export function readFallbacks(options: FallbackOptions): (group: string) => Fallbacks {
  const { settings, notices, resourceOf } = options;
  const tables = KINDS.map(({ key, on }) => ({ on, table: readTable(settings.find(key), notices) }));
  const defaults = settings.find('default_fallbacks');
  const targetsOf = (names: readonly string[], own: string | undefined, path: Path): string[] => {
    const targets: string[] = [];
    for (const name of names) {
      const target = resourceOf(name);
      if (target === undefined) notices.warn(path, `there is no model "${name}"; this fallback is left out`);
      else if (target !== own && !targets.includes(target)) targets.push(target);
    }
    return targets;
  };

  // A name that no model has would otherwise be lost in silence.
  for (const { table } of tables)
    for (const [name, entry] of table)
      if (name !== '*' && resourceOf(name) === undefined) notices.warn(entry.path, `there is no model "${name}"; its fallbacks are left out`);

  return (group) => {
    const own = resourceOf(group);
    return tables.flatMap(({ on, table }): Fallbacks => {
      const entry = table.get(group) ?? table.get(group.slice(group.indexOf('/') + 1)) ?? table.get('*');
      const fallback = entry ?? (on === 'any' && defaults !== undefined ? { names: toTexts(defaults.value) ?? [], path: defaults.path } : undefined);
      if (fallback === undefined) return [];
      const to = targetsOf(fallback.names, own, fallback.path);
      return to.length === 0 ? [] : [{ to, on }];
    });
  };
}

interface FallbackEntry {
  readonly names: readonly string[];
  readonly path: Path;
}

/** `[{"group": ["a", "b"]}, …]`, or texts that hold for every group. */
function readTable(setting: { readonly value: unknown; readonly path: Path } | undefined, notices: Notices): ReadonlyMap<string, FallbackEntry> {
  const table = new Map<string, FallbackEntry>();
  if (setting === undefined) return table;
  if (!Array.isArray(setting.value)) {
    notices.warn(setting.path, 'must be a list of maps such as {"gpt-4o": ["gpt-4o-mini"]}; it is left out');
    return table;
  }
  for (const [index, item] of (setting.value as unknown[]).entries()) {
    const path = [...setting.path, index];
    if (typeof item === 'string') table.set('*', { names: [...(table.get('*')?.names ?? []), item], path });
    else if (isMap(item))
      for (const [group, names] of Object.entries(item)) table.set(group, { names: namesOf(names, [...path, group], notices), path: [...path, group] });
    else notices.warn(path, 'must be a map such as {"gpt-4o": ["gpt-4o-mini"]}; it is left out');
  }
  return table;
}

/** Names of a list; of a request that stands in it, its model. */
function namesOf(value: unknown, path: Path, notices: Notices): readonly string[] {
  return (Array.isArray(value) ? (value as unknown[]) : [value]).flatMap((item, index) => {
    const name = isMap(item) ? item['model'] : item;
    if (typeof name !== 'string') return [];
    if (isMap(item) && Object.keys(item).length > 1)
      notices.warn([...path, index], 'the model is asked with the request of the client; the other fields are left out');
    return [name];
  });
}
