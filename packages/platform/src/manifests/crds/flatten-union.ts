import { PlatformError } from '@maru/api/errors';
import type { JsonSchema, ValidationRule } from './json-schema.ts';

/**
 * One object schema for a union of objects: the properties of all variants together, and CEL rules that say which belong to which variant.
 * Defaults of variants are left out: the API server would add them to objects of other variants too.
 */
export function flattenUnion(variants: readonly JsonSchema[]): JsonSchema {
  const discriminator = findDiscriminator(variants);
  const names = [...new Set(variants.flatMap((variant) => Object.keys(variant.properties ?? {})))];
  const required = names.filter((name) => variants.every((variant) => variant.required?.includes(name)));
  return {
    type: 'object',
    properties: Object.fromEntries(names.map((name) => [name, mergeProperty(variants, name)])),
    ...(required.length === 0 ? {} : { required }),
    additionalProperties: false,
    'x-kubernetes-validations': discriminator === undefined ? oneOfRules(variants, names) : discriminatedRules(variants, { names, required, discriminator }),
  };
}

/** The property that every variant fixes to a value of its own. */
function findDiscriminator(variants: readonly JsonSchema[]): string | undefined {
  const first = variants[0]?.properties ?? {};
  return Object.keys(first).find((name) => variants.every((variant) => variant.properties?.[name]?.const !== undefined));
}

function mergeProperty(variants: readonly JsonSchema[], name: string): JsonSchema {
  const parts = variants.flatMap((variant) => {
    const part = variant.properties?.[name];
    return part === undefined ? [] : [withoutDefault(part)];
  });
  if (parts.every((part) => typeof part.const === 'string')) return { type: 'string', enum: parts.map((part) => part.const) };
  const [first] = parts;
  if (first === undefined || parts.some((part) => JSON.stringify(part) !== JSON.stringify(first))) {
    throw new PlatformError('internal', { message: `the variants of a union disagree about the type of "${name}", which a CRD can not say` });
  }
  return first;
}

function withoutDefault(schema: JsonSchema): JsonSchema {
  const { default: _default, ...rest } = schema;
  return rest;
}

interface DiscriminatedUnion {
  readonly names: readonly string[];
  readonly required: readonly string[];
  readonly discriminator: string;
}

function discriminatedRules(variants: readonly JsonSchema[], union: DiscriminatedUnion): ValidationRule[] {
  const { discriminator } = union;
  const fixedValue = (variant: JsonSchema): string => String(variant.properties?.[discriminator]?.const);
  const rules: ValidationRule[] = [];
  for (const variant of variants) {
    const needs = (variant.required ?? []).filter((name) => name !== discriminator && !union.required.includes(name));
    if (needs.length === 0) continue;
    rules.push({
      rule: `self.${discriminator} != '${fixedValue(variant)}' || (${needs.map(has).join(' && ')})`,
      message: `${discriminator} "${fixedValue(variant)}" needs ${needs.join(' and ')}`,
    });
  }
  for (const name of union.names) {
    const owners = variants.filter((variant) => variant.properties?.[name] !== undefined).map(fixedValue);
    if (name === discriminator || owners.length === variants.length) continue;
    rules.push({
      rule: `!${has(name)} || self.${discriminator} in [${owners.map((owner) => `'${owner}'`).join(', ')}]`,
      message: `"${name}" belongs to ${discriminator} ${owners.join(', ')} only`,
    });
  }
  return rules;
}

function oneOfRules(variants: readonly JsonSchema[], names: readonly string[]): ValidationRule[] {
  const fits = variants.map((variant) => {
    const own = Object.keys(variant.properties ?? {});
    const present = (variant.required ?? []).map(has);
    const absent = names.filter((name) => !own.includes(name)).map((name) => `!${has(name)}`);
    return `(${[...present, ...absent].join(' && ')})`;
  });
  const forms = variants.map((variant) => `{${(variant.required ?? []).join(', ')}}`);
  return [{ rule: fits.join(' || '), message: `must be exactly one of ${forms.join(', ')}` }];
}

const has = (name: string): string => `has(self.${name})`;
