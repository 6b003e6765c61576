import { z } from 'zod';
import { API_VERSION, KIND_NAMES, KINDS } from '../../packages/api/src/resources/index.ts';

/** `docs/schemas/*.json`: one JSON Schema (draft 2020-12) per kind, and one for any resource, for editors and CI of users. */
export function jsonSchemaFiles(): Readonly<Record<string, string>> {
  const kinds = KIND_NAMES.map((kind) => {
    const schema = strip(z.toJSONSchema(KINDS[kind].schema, { io: 'input' })) as Record<string, unknown>;
    return [`docs/schemas/${fileOf(kind)}`, print({ ...schema, title: kind, description: KINDS[kind].description })] as const;
  });
  const any = {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'Resource',
    description: `Any resource of ${API_VERSION}.`,
    type: 'object',
    required: ['apiVersion', 'kind', 'metadata', 'spec'],
    properties: { kind: { enum: [...KIND_NAMES] } },
    // `if` by kind instead of `oneOf`: an editor then reports the errors of the one kind that is meant.
    allOf: KIND_NAMES.map(onlyWhen),
  };
  return { ...Object.fromEntries(kinds), 'docs/schemas/resource.schema.json': print(any) };
}

const onlyWhen = (kind: string): Record<string, unknown> =>
  Object.fromEntries([
    ['if', { properties: { kind: { const: kind } } }],
    ['then', { $ref: fileOf(kind) }],
  ]);
const fileOf = (kind: string): string => `${kind.replace(/(?<=[a-z])[A-Z]/g, (letter) => `-${letter}`).toLowerCase()}.schema.json`;
const print = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

/** Rules for the API server mean nothing to an editor. */
function strip(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(strip);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).flatMap(([name, part]) => (name.startsWith('x-kubernetes-') ? [] : [[name, strip(part)]])));
}
