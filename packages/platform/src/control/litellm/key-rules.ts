import { PlatformError } from '@maru/api/errors';
import { toMs } from './money-fields.ts';

type Fields = Readonly<Record<string, unknown>>;

const DURATIONS = new Set(['duration', 'budget_duration']);

/** What is said, with the defaults of the configuration where nothing is; an empty list or map says nothing. */
export function withDefaults<Said extends Fields>(said: Said, defaults: Fields): Said {
  const missing = Object.entries(defaults).filter(([name]) => isUnsaid(said[name]));
  return { ...said, ...Object.fromEntries(missing) };
}

/**
 * What is said about a key, within `upperbound_key_generate_params`; a new key gets the bound where it says nothing.
 * Throws `invalid_request` for what is over a bound.
 */
export function withinBounds<Said extends Fields>(said: Said, bounds: Fields, options: { readonly fill: boolean }): Said {
  const filled: Record<string, unknown> = {};
  for (const [name, bound] of Object.entries(bounds)) {
    const value = said[name];
    if (isUnsaid(value)) {
      if (options.fill) filled[name] = bound;
    } else if (sizeOf(name, value) > sizeOf(name, bound))
      throw new PlatformError('invalid_request', {
        message: `${name} is over the limit of upperbound_key_generate_params: ${String(value)} is more than ${String(bound)}`,
        details: { param: name },
      });
  }
  return { ...said, ...filled };
}

const isUnsaid = (value: unknown): boolean => value === undefined || value === null || (typeof value === 'object' && Object.keys(value).length === 0);

/** A time that is none, as `-1`, never ends. */
const sizeOf = (name: string, value: unknown): number =>
  DURATIONS.has(name) ? (toMs(typeof value === 'string' ? value : undefined) ?? Number.POSITIVE_INFINITY) : Number(value);
