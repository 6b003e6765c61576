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

/** The answer is JSON of a schema. Throws `resource_invalid` for a schema that can not be used. */
export function checkSchema(schema: Readonly<Record<string, unknown>>): (text: WholeText) => Verdict {
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

/** Nothing that a schema allows, when it is no JSON. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
