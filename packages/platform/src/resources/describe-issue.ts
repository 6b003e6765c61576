import { z } from 'zod';
import { nearestName } from './nearest-name.ts';

/** The parts of a zod issue that a message is made of. */
export interface SchemaIssue {
  readonly code: string;
  readonly path: readonly (string | number)[];
  readonly message: string;
  readonly expected?: string;
  readonly input?: unknown;
  readonly keys?: readonly string[];
  readonly values?: readonly unknown[];
  readonly errors?: readonly (readonly SchemaIssue[])[];
  readonly discriminator?: string;
  readonly options?: readonly unknown[];
}

interface DescribedIssue {
  readonly path: readonly (string | number)[];
  readonly at: readonly (string | number)[];
  readonly message: string;
}

/** Says what was expected, what was found, and the nearest allowed name. */
export function describeIssue(issue: SchemaIssue, schema: z.ZodType): readonly DescribedIssue[] {
  const { path } = issue;
  if (issue.code === 'unrecognized_keys') {
    const allowed = namesAt(schema, path);
    return (issue.keys ?? []).map((key) => {
      const near = nearestName(key, allowed);
      const hint = near === undefined ? (allowed.length === 0 ? '' : `; fields here are ${allowed.join(', ')}`) : `; did you mean "${near}"?`;
      return { path: [...path, key], at: [...path, key], message: `unknown field${hint}` };
    });
  }
  if (issue.code === 'invalid_value') {
    const allowed = (issue.values ?? []).map(String);
    const near = nearestName(String(issue.input), allowed);
    return [
      {
        path,
        at: path,
        message: `expected ${allowed.length === 1 ? `"${allowed[0]}"` : `one of ${allowed.map((value) => `"${value}"`).join(', ')}`}, found ${show(issue.input)}${near === undefined ? '' : `; did you mean "${near}"?`}`,
      },
    ];
  }
  if (issue.code === 'invalid_type') {
    if (issue.input === undefined) return [{ path, at: path, message: `missing; expected ${withArticle(issue.expected ?? 'a value')}` }];
    return [{ path, at: path, message: `expected ${withArticle(issue.expected ?? 'another type')}, found ${show(issue.input)}` }];
  }
  if (issue.code === 'invalid_union' && issue.discriminator !== undefined) {
    const found = (issue.input as Record<string, unknown> | null | undefined)?.[issue.discriminator];
    const allowed = (issue.options ?? []).map(String);
    const near = typeof found === 'string' ? nearestName(found, allowed) : undefined;
    const place = path.at(-1) === issue.discriminator ? path : [...path, issue.discriminator];
    return [
      {
        path: place,
        at: place,
        message: `expected one of ${allowed.map((value) => `"${value}"`).join(', ')}, found ${show(found)}${near === undefined ? '' : `; did you mean "${near}"?`}`,
      },
    ];
  }
  if (issue.code === 'invalid_union' && issue.errors !== undefined && issue.errors.length > 0) {
    // The branch with the fewest mistakes is the one that the author meant.
    const closest = [...issue.errors].sort((left, right) => left.length - right.length)[0] ?? [];
    return closest.flatMap((inner) => describeIssue({ ...inner, path: [...path, ...inner.path] }, schema));
  }
  return [{ path, at: path, message: issue.message }];
}

const withArticle = (name: string): string => (/^(a|an) /.test(name) ? name : /^[aeiou]/.test(name) ? `an ${name}` : `a ${name}`);

/** Shows a found value briefly: long text is cut so that a message never repeats a whole document. */
function show(value: unknown): string {
  if (value === undefined) return 'nothing';
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

/** Field names that a schema allows at a path. */
function namesAt(schema: z.ZodType, path: readonly (string | number)[]): readonly string[] {
  let candidates: z.ZodType[] = unwrap(schema);
  for (const part of path) {
    candidates = candidates.flatMap((candidate) => {
      if (candidate instanceof z.ZodObject) {
        const field = (candidate.shape as Record<string, z.ZodType>)[String(part)];
        return field === undefined ? [] : unwrap(field);
      }
      if (candidate instanceof z.ZodArray) return unwrap(candidate.element as z.ZodType);
      if (candidate instanceof z.ZodRecord) return unwrap(candidate.valueType as z.ZodType);
      return [];
    });
  }
  return [...new Set(candidates.flatMap((candidate) => (candidate instanceof z.ZodObject ? Object.keys(candidate.shape as object) : [])))];
}

function unwrap(schema: z.ZodType): z.ZodType[] {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodNullable) return unwrap(schema.unwrap() as z.ZodType);
  if (schema instanceof z.ZodUnion) return (schema.options as z.ZodType[]).flatMap(unwrap);
  return [schema];
}
