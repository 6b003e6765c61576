/** Whether everything that is wanted is there; what others have added does not count, except in lists. */
export function covers(actual: unknown, wanted: unknown): boolean {
  if (Array.isArray(wanted)) return Array.isArray(actual) && actual.length === wanted.length && wanted.every((part, index) => covers(actual[index], part));
  if (typeof wanted === 'object' && wanted !== null) {
    if (typeof actual !== 'object' || actual === null || Array.isArray(actual)) return Object.keys(wanted).length === 0 && actual === undefined;
    return Object.entries(wanted).every(([name, part]) => covers((actual as Record<string, unknown>)[name], part));
  }
  return actual === wanted;
}
