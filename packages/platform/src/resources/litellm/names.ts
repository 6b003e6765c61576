import { createHash } from 'node:crypto';

const MAX_LENGTH = 63;

/** Gives names of LiteLLM, which may be any text, names that a resource may have; every name is given once. */
export interface Names {
  /** The same text always gets the same name. */
  ofGroup(group: string): string;
  /** A further name that begins like `base`. */
  next(base: string, suffix: string): string;
}

export function createNames(groups: readonly string[]): Names {
  const taken = new Set<string>();
  const byGroup = new Map<string, string>();
  // Names that are valid as they are must not be lost to one that only becomes the same.
  for (const group of groups)
    if (toResourceName(group) === group) {
      taken.add(group);
      byGroup.set(group, group);
    }
  const claim = (wanted: string): string => {
    let name = wanted;
    for (let count = 2; taken.has(name); count += 1) name = `${wanted.slice(0, MAX_LENGTH - 1 - String(count).length)}-${count}`;
    taken.add(name);
    return name;
  };
  return {
    ofGroup(group) {
      const known = byGroup.get(group);
      if (known !== undefined) return known;
      const name = claim(toResourceName(group));
      byGroup.set(group, name);
      return name;
    },
    next: (base, suffix) => claim(`${base.slice(0, MAX_LENGTH - 1 - suffix.length).replace(/[-.]+$/, '')}-${suffix}`),
  };
}

/** Lower-case letters, digits, "-" and "."; a name that loses letters on the way gets a part of its hash instead. */
function toResourceName(text: string): string {
  const plain = text
    .toLowerCase()
    .replaceAll('*', 'any')
    .replace(/[^a-z0-9.-]+/g, '-')
    .replace(/^[^a-z0-9]+|[^a-z0-9]+$/g, '');
  // A name in another script would become an empty or a misleading one.
  const lost = /[^\x20-\x7e]/.test(text);
  const short = plain.slice(0, lost || plain.length > MAX_LENGTH ? 54 : MAX_LENGTH).replace(/[-.]+$/, '');
  if (!lost && plain.length <= MAX_LENGTH) return short === '' ? 'model' : short;
  return `${short === '' ? 'model' : short}-${createHash('sha256').update(text).digest('hex').slice(0, 8)}`;
}
