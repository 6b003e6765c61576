import { PlatformError } from '@maru/api/errors';
import { flattenUnion } from './flatten-union.ts';
import type { JsonSchema, StructuralSchema } from './json-schema.ts';

/**
 * Rewrites what zod prints into a structural schema: no `const`, no `oneOf` with types, no closed objects (the API server prunes
 * or refuses unknown fields by itself), numbers as OpenAPI v3.0 writes them.
 */
export function toStructuralSchema(schema: JsonSchema): StructuralSchema {
  const union = schema.oneOf ?? schema.anyOf;
  if (union !== undefined) return { ...toStructuralSchema(flattenUnion(union)), ...pick(schema, ['default', 'description']) };
  if (schema.const !== undefined) return { type: typeof schema.const, enum: [schema.const], ...pick(schema, ['default']) };

  const result: StructuralSchema = pick(schema, KEPT);
  if (schema.enum !== undefined) result.enum = [...schema.enum];
  const rules = schema['x-kubernetes-validations'];
  if (rules !== undefined) result['x-kubernetes-validations'] = [...rules];
  Object.assign(result, numberLimits(schema));
  if (schema.items !== undefined) result.items = toStructuralSchema(schema.items);
  if (schema.type === 'object') Object.assign(result, objectParts(schema));
  if (result.type === undefined) result['x-kubernetes-preserve-unknown-fields'] = true;
  return result;
}

const KEPT = ['type', 'description', 'default', 'pattern', 'format', 'minLength', 'maxLength', 'minItems', 'maxItems'] as const;

function pick<Key extends keyof JsonSchema>(schema: JsonSchema, keys: readonly Key[]): Pick<StructuralSchema, never> & Record<string, unknown> {
  return Object.fromEntries(keys.flatMap((key) => (schema[key] === undefined ? [] : [[key, schema[key]]])));
}

function objectParts(schema: JsonSchema): StructuralSchema {
  const open = schema.additionalProperties;
  const names = Object.keys(schema.properties ?? {});
  if (names.length > 0) {
    return {
      properties: Object.fromEntries(Object.entries(schema.properties ?? {}).map(([name, part]) => [name, toStructuralSchema(part)])),
      ...(schema.required === undefined || schema.required.length === 0 ? {} : { required: [...schema.required] }),
      ...(open === undefined || open === false ? {} : { 'x-kubernetes-preserve-unknown-fields': true as const }),
    };
  }
  if (typeof open === 'object' && Object.keys(open).length > 0) return { additionalProperties: toStructuralSchema(open) };
  return open === false ? {} : { 'x-kubernetes-preserve-unknown-fields': true };
}

/** Bounds that only say "safe integer" are noise. */
function numberLimits(schema: JsonSchema): StructuralSchema {
  const limits: StructuralSchema = {};
  if (schema.exclusiveMinimum !== undefined) Object.assign(limits, { minimum: schema.exclusiveMinimum, exclusiveMinimum: true });
  else if (schema.minimum !== undefined && schema.minimum !== Number.MIN_SAFE_INTEGER) limits.minimum = schema.minimum;
  if (schema.exclusiveMaximum !== undefined) Object.assign(limits, { maximum: schema.exclusiveMaximum, exclusiveMaximum: true });
  else if (schema.maximum !== undefined && schema.maximum !== Number.MAX_SAFE_INTEGER) limits.maximum = schema.maximum;
  return limits;
}

/** Throws `internal` when a schema says something that a structural schema has no word for; run on every kind by a test. */
export function assertStructural(schema: StructuralSchema, path: string): void {
  const fail = (what: string): never => {
    throw new PlatformError('internal', { message: `the schema of ${path} is not structural: ${what}` });
  };
  if (schema.type === undefined && schema['x-kubernetes-preserve-unknown-fields'] !== true) fail('no type');
  if (schema.properties !== undefined && schema.additionalProperties !== undefined) fail('properties and additionalProperties exclude each other');
  if (schema.type === 'array' && schema.items === undefined) fail('an array without items');
  for (const [name, part] of Object.entries(schema.properties ?? {})) assertStructural(part, `${path}.${name}`);
  if (schema.items !== undefined) assertStructural(schema.items, `${path}[]`);
  if (schema.additionalProperties !== undefined) assertStructural(schema.additionalProperties, `${path}.*`);
}
