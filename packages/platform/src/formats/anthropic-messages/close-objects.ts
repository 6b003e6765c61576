import { isObject, type JsonObject } from '../json-value.ts';

/** A JSON schema whose objects take no unnamed properties: Anthropic enforces only such ones, and its own clients close them the same way. */
export function closeObjects(schema: JsonObject): JsonObject {
  const closed: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(schema)) closed[name] = isLiteral(name) ? value : closeIn(value);
  if (isObject(schema['properties']) && schema['additionalProperties'] === undefined) closed['additionalProperties'] = false;
  return closed;
}

const isLiteral = (keyword: string): boolean => keyword === 'enum' || keyword === 'const' || keyword === 'default' || keyword === 'examples';

function closeIn(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(closeIn);
  return isObject(value) ? closeObjects(value) : value;
}
