import { PlatformError } from '@maru/api/errors';
import { z } from 'zod';
import type { Verdict, WholeText } from '../rule.ts';

const PASSES: Verdict = { kinds: [] };

/** All texts together are neither too long nor too short. */
export const checkLength =
  (spec: { readonly maxChars: number; readonly minChars: number }) =>
  ({ texts }: WholeText): Verdict => {
    const chars = texts.reduce((sum, text) => sum + text.length, 0);
    return chars > spec.maxChars ? { kinds: ['too-long'] } : chars < spec.minChars ? { kinds: ['too-short'] } : PASSES;
  };

/** Keywords whose time is not linear in the text, or that reach outside. */
const REFUSED = ['pattern', 'patternProperties', '$ref'];

/** The answer is JSON of a schema. Throws `resource_invalid` for a schema that can not be used. */
export function checkSchema(schema: Readonly<Record<string, unknown>>): (text: WholeText) => Verdict {
  const refused = findKeyword(schema, 0);
  if (refused !== undefined) throw new PlatformError('resource_invalid', { message: `a json-schema guardrail can not use "${refused}"; leave it out` });
  let checked: z.ZodType;
  try {
    checked = z.fromJSONSchema(schema as Parameters<typeof z.fromJSONSchema>[0]);
  } catch (cause) {
    throw new PlatformError('resource_invalid', { message: `the schema of a json-schema guardrail is not valid: ${(cause as Error).message}`, cause });
  }
  return ({ texts }) => {
    const wrong = texts.filter((text) => text.trim() !== '').some((text) => !checked.safeParse(parseJson(text)).success);
    return wrong || texts.every((text) => text.trim() === '') ? { kinds: ['schema'] } : PASSES;
  };
}

function findKeyword(value: unknown, depth: number): string | undefined {
  if (typeof value !== 'object' || value === null || depth > 50) return undefined;
  for (const [name, inner] of Object.entries(value)) {
    // A property may be called like a keyword: under `properties` the names are the user's own.
    if (REFUSED.includes(name) && typeof inner !== 'object') return name;
    if (name === 'patternProperties') return name;
    const found = findKeyword(inner, depth + 1);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Nothing that a schema allows, when it is no JSON. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
