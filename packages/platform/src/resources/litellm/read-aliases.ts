import { isMap } from './entry.ts';
import type { Notices } from './notices.ts';
import type { RouteSettings } from './route-settings.ts';

export interface AliasOptions {
  readonly settings: RouteSettings;
  readonly notices: Notices;
  readonly groups: ReadonlySet<string>;
}

/** A further name of a group. */
export interface Alias {
  readonly name: string;
  /** It can be called, and is not listed. */
  readonly hidden: boolean;
}

/** Further names of each group, out of `model_group_alias` and `model_alias_map`. */
export function readAliases({ settings, notices, groups }: AliasOptions): ReadonlyMap<string, readonly Alias[]> {
  const aliases = new Map<string, Alias[]>();
  const taken = new Set(groups);
  for (const key of ['model_group_alias', 'model_alias_map']) {
    const setting = settings.find(key);
    if (setting === undefined) continue;
    if (!isMap(setting.value)) {
      notices.warn(setting.path, 'must be a map of a name to a model_name; it is left out');
      continue;
    }
    for (const [alias, value] of Object.entries(setting.value)) {
      const path = [...setting.path, alias];
      const group = isMap(value) ? value['model'] : value;
      if (typeof group !== 'string' || !groups.has(group)) notices.warn(path, `there is no model "${String(group)}"; the alias is left out`);
      else if (taken.has(alias)) notices.warn(path, `"${alias}" is a model already; the alias is left out`);
      else {
        taken.add(alias);
        aliases.set(group, [...(aliases.get(group) ?? []), { name: alias, hidden: isMap(value) && value['hidden'] === true }]);
      }
    }
  }
  return aliases;
}
