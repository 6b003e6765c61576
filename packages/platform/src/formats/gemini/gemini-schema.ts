import { isObject, type JsonObject } from '../json-value.ts';

const NESTED_MAPS = new Set(['properties', '$defs', 'definitions']);

/** Google's subset of OpenAPI as JSON schema: types in capital letters, `nullable`. */
export function toJsonSchema(schema: JsonObject): JsonObject {
  const { nullable, ...rest } = schema;
  const entries = Object.entries(rest).map(([name, value]): [string, unknown] => {
    if (name === 'type') return [name, toType(value, nullable === true)];
    if (NESTED_MAPS.has(name) && isObject(value)) return [name, Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, convert(inner)]))];
    if (name === 'items' || name === 'anyOf') return [name, convert(value)];
    return [name, value];
  });
  return Object.fromEntries(entries);
}

function convert(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(convert);
  return isObject(value) ? toJsonSchema(value) : value;
}

function toType(type: unknown, nullable: boolean): unknown {
  const lower = typeof type === 'string' ? type.toLowerCase() : type;
  return nullable && typeof lower === 'string' ? [lower, 'null'] : lower;
}
