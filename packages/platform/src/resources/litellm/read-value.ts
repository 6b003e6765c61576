/** A number, also when it is written as text; undefined for everything else. */
export function toNumber(value: unknown): number | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined;
  if (typeof value !== 'string' || value.trim() === '') return undefined;
  const number = Number(value);
  return Number.isFinite(number) ? number : undefined;
}

/** A whole number of at least 1. */
export function toCount(value: unknown): number | undefined {
  const number = toNumber(value);
  return number === undefined || number < 1 ? undefined : Math.min(Math.floor(number), Number.MAX_SAFE_INTEGER);
}

/** True, false, or undefined where it is neither. */
export function toFlag(value: unknown): boolean | undefined {
  if (typeof value === 'boolean') return value;
  if (typeof value !== 'string') return undefined;
  return { true: true, false: false }[value.toLowerCase()];
}

/** A hundred years: some write a number without end for "never". */
const LONGEST_S = 100 * 365 * 86_400;

/** Seconds as a duration of Maru, from a millisecond to a hundred years. */
export function toDuration(seconds: unknown): string | undefined {
  const number = toNumber(seconds);
  if (number === undefined || number <= 0) return undefined;
  const bounded = Math.min(number, LONGEST_S);
  return Number.isInteger(bounded) ? `${bounded}s` : `${Math.max(1, Math.round(bounded * 1000))}ms`;
}

/** A duration of LiteLLM (`30s`, `30m`, `24h`, `30d`, `1mo`) as one of Maru. */
export function fromLitellmDuration(value: unknown): string | undefined {
  const match = typeof value === 'string' ? /^(\d+)(s|m|h|d|w|mo)$/.exec(value.trim()) : null;
  if (match === null) return undefined;
  const [, count = '', unit] = match;
  if (unit === 'w') return `${Number(count) * 7}d`;
  return unit === 'mo' ? `${Number(count) * 30}d` : `${count}${unit}`;
}

/** Texts of a list; undefined where there is none. */
export function toTexts(value: unknown): readonly string[] | undefined {
  if (typeof value === 'string') return [value];
  return Array.isArray(value) && value.length > 0 ? value.map(String) : undefined;
}
