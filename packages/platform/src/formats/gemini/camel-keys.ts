import { isObject, type JsonObject } from '../json-value.ts';

/** The fields of one object in camel case: Google's APIs take `inline_data` for `inlineData` everywhere. Anything else is returned as it is. */
export function camelKeys(value: unknown): unknown {
  if (!isObject(value)) return value;
  if (!Object.keys(value).some((name) => name.includes('_'))) return value;
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [toCamel(name), field]));
}

/** The object in camel case; empty for anything that is no object. */
export const camelObject = (value: unknown): JsonObject => {
  const object = camelKeys(value);
  return isObject(object) ? object : {};
};

const toCamel = (name: string): string => name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
