import { createRequire } from 'node:module';
import { PlatformError } from '@maru/api/errors';

/** A regular expression in the syntax of RE2. */
export interface Pattern {
  /** Whether the whole text fits, as the Gateway API asks for. */
  matches(text: string): boolean;
  /** Every place where it stands, from left to right, without overlap; `limit` is the most that are looked for. */
  findAll(text: string, limit: number): readonly { readonly start: number; readonly end: number }[];
}

const MAX_KEPT = 1024;
const kept = new Map<string, Pattern>();

type Re2 = typeof import('re2js');

/** Compiles a pattern, once per text; throws `resource_invalid` with what is wrong. */
export function compilePattern(source: string): Pattern {
  const known = kept.get(source);
  if (known !== undefined) return known;
  const { RE2JS } = createRequire(import.meta.url)('re2js') as Re2;
  let compiled: Pattern;
  try {
    const pattern = RE2JS.compile(source);
    compiled = {
      matches: (text) => pattern.matches(text),
      findAll: (text, limit) => {
        const found: { start: number; end: number }[] = [];
        const matcher = pattern.matcher(text);
        while (found.length < limit && matcher.find()) found.push({ start: matcher.start(), end: matcher.end() });
        return found;
      },
    };
  } catch (cause) {
    throw new PlatformError('resource_invalid', { message: `the pattern ${JSON.stringify(source)} is not valid: ${(cause as Error).message}`, cause });
  }
  kept.set(source, compiled);
  if (kept.size > MAX_KEPT) kept.delete(kept.keys().next().value ?? '');
  return compiled;
}

/** What is wrong with a pattern; undefined when nothing is. */
export function patternProblem(source: string): string | undefined {
  try {
    compilePattern(source);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}
