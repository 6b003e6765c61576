import { PlatformError } from '@maru/api/errors';
import { isObject, type JsonObject } from './json-value.ts';

/** What a client sent is not of its format; `param` names the field in the client's words. */
export const invalidField = (param: string, what: string): PlatformError =>
  new PlatformError('invalid_request', { message: `"${param}" ${what}`, details: { param } });

/**
 * Reads the fields of a client's object once, by type. `null` counts as absent. A wrong type throws `invalid_request`; what nobody asked
 * for is left in `rest`, so that no field disappears.
 */
export class Fields {
  readonly #object: JsonObject;
  readonly #seen = new Set<string>();
  /** Where the object stands: empty for the body itself, else `messages[2]`. */
  readonly path: string;

  /** Throws `invalid_request` when the value is not an object. */
  constructor(value: unknown, path: string) {
    if (!isObject(value)) throw invalidField(path === '' ? 'body' : path, 'must be an object');
    this.#object = value;
    this.path = path;
  }

  /** The path of one of its fields. */
  at(name: string): string {
    return this.path === '' ? name : `${this.path}.${name}`;
  }

  has(name: string): boolean {
    return this.#object[name] != null;
  }

  value(name: string): unknown {
    this.#seen.add(name);
    return this.#object[name] ?? undefined;
  }

  string(name: string): string | undefined {
    return this.#typed(name, isString, 'must be a string');
  }

  requiredString(name: string): string {
    const value = this.string(name);
    if (value === undefined) throw invalidField(this.at(name), 'is missing; it must be a string');
    return value;
  }

  number(name: string): number | undefined {
    return this.#typed(name, isNumber, 'must be a number');
  }

  /** A whole number of `least` or more. */
  integer(name: string, least: number): number | undefined {
    const isFit = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= least;
    return this.#typed(name, isFit, `must be a whole number of ${least} or more`);
  }

  boolean(name: string): boolean | undefined {
    return this.#typed(name, isBoolean, 'must be true or false');
  }

  object(name: string): JsonObject | undefined {
    return this.#typed(name, isObject, 'must be an object');
  }

  list(name: string): readonly unknown[] | undefined {
    return this.#typed(name, Array.isArray as (value: unknown) => value is readonly unknown[], 'must be a list');
  }

  strings(name: string): readonly string[] | undefined {
    return this.#typed(name, isStrings, 'must be a list of strings');
  }

  oneOf<T extends string>(name: string, allowed: readonly T[]): T | undefined {
    const isAllowed = (value: unknown): value is T => (allowed as readonly unknown[]).includes(value);
    return this.#typed(name, isAllowed, `must be one of ${allowed.join(', ')}`);
  }

  /** Fields that nobody asked for; undefined when there are none. */
  rest(): JsonObject | undefined {
    let rest: Record<string, unknown> | undefined;
    for (const [name, value] of Object.entries(this.#object)) {
      if (value == null || this.#seen.has(name)) continue;
      rest ??= {};
      rest[name] = value;
    }
    return rest;
  }

  #typed<T>(name: string, isFit: (value: unknown) => value is T, what: string): T | undefined {
    this.#seen.add(name);
    const value = this.#object[name];
    if (value == null) return undefined;
    if (!isFit(value)) throw invalidField(this.at(name), what);
    return value;
  }
}

const isString = (value: unknown): value is string => typeof value === 'string';
const isNumber = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value);
const isBoolean = (value: unknown): value is boolean => typeof value === 'boolean';
const isStrings = (value: unknown): value is readonly string[] => Array.isArray(value) && value.every(isString);
