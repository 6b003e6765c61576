/** An ISO time in milliseconds, with the fractions that Python writes; undefined when missing or not a time. */
export function isoToMs(time: string | null | undefined): number | undefined {
  if (time === null || time === undefined) return undefined;
  const match = /^(\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d)(\.\d{1,9})?\d*(Z|[+-]\d\d:?\d\d)?$/.exec(time.trim());
  if (match === null) return undefined;
  const [, seconds = '', fraction = '', zone] = match;
  // A time without a zone is UTC, as the Python SDK means it.
  const ms = Date.parse(`${seconds.replace(' ', 'T')}${zone ?? 'Z'}`);
  return Number.isFinite(ms) ? ms + Number(`0${fraction}`) * 1000 : undefined;
}
