import type { KubeObject } from './object.ts';

type Json = unknown;
type Fields = Readonly<Record<string, Json>>;

const isFields = (value: Json): value is Fields => typeof value === 'object' && value !== null && !Array.isArray(value);

/** RFC 7396: null removes, objects merge, anything else replaces. */
export function mergePatchOf(target: Json, patch: Json): Json {
  if (!isFields(patch)) return patch;
  const result: Record<string, Json> = isFields(target) ? { ...target } : {};
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) delete result[name];
    else result[name] = mergePatchOf(result[name], value);
  }
  return result;
}

/** Server-side apply of one manager: what it sends is set, what it sent before and no longer sends is removed. */
export function mergeApplied(live: KubeObject, sent: KubeObject, options: { readonly previous: KubeObject | undefined }): KubeObject {
  return mergeFields(live, sent, options.previous) as unknown as KubeObject;
}

function mergeFields(live: Fields, sent: Fields, previous: Json): Fields {
  const result: Record<string, Json> = { ...live };
  const before = isFields(previous) ? previous : {};
  for (const name of Object.keys(before)) if (!(name in sent)) delete result[name];
  for (const [name, value] of Object.entries(sent)) {
    const current = result[name];
    result[name] = isFields(value) && isFields(current) ? mergeFields(current, value, before[name]) : value;
  }
  return result;
}

/** The first field that both want and want differently, as a path; lists count as one field. */
export function contestedField(mine: unknown, theirs: unknown, path = ''): string | undefined {
  if (!isFields(mine) || !isFields(theirs)) return JSON.stringify(mine) === JSON.stringify(theirs) ? undefined : path;
  for (const [name, value] of Object.entries(mine)) {
    if (!(name in theirs)) continue;
    const found = contestedField(value, theirs[name], `${path}.${name}`);
    if (found !== undefined) return found;
  }
  return undefined;
}
