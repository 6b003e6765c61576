/** The tag of backends that take what no other tag fits. */
const DEFAULT_TAG = 'default';

interface Tagged {
  readonly tags?: readonly string[] | undefined;
}

/**
 * Backends that share a tag (or all of its tags) with the request. Where none does, those tagged `default`; a request without tags goes
 * to those too, or to those without tags. Without any tag on any backend, all of them.
 */
export function filterTags<T extends Tagged>(backends: readonly T[], tags: readonly string[], match: 'any' | 'all'): readonly T[] {
  if (backends.every((backend) => backend.tags === undefined)) return backends;
  const fits = (backend: T): boolean =>
    match === 'any' ? tags.some((tag) => backend.tags?.includes(tag) === true) : tags.every((tag) => backend.tags?.includes(tag) === true);
  const shared = tags.length === 0 ? [] : backends.filter(fits);
  if (shared.length > 0) return shared;
  const spare = backends.filter((backend) => backend.tags?.includes(DEFAULT_TAG) === true);
  if (spare.length > 0 || tags.length > 0) return spare;
  return backends.filter((backend) => backend.tags === undefined || backend.tags.length === 0);
}
