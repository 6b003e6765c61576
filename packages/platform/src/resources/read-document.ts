import { PlatformError } from '@maru/api/errors';
import { LineCounter, parseDocument } from 'yaml';
import type { z } from 'zod';
import { describeIssue, type SchemaIssue } from './describe-issue.ts';
import { offsetOf } from './node-offset.ts';
import { formatPath } from './parse-resources.ts';

/**
 * Reads a YAML or JSON text that is no resource. Throws `config_invalid` with the first thing that is wrong: file, line, column, path
 * and what was expected.
 */
export function readDocument<T>(text: string, schema: z.ZodType<T>, file: string): T {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true });
  const wrong = (offset: number, message: string): PlatformError => {
    const { line, col } = lines.linePos(offset);
    return new PlatformError('config_invalid', { message: `${file}:${Math.max(1, line)}:${Math.max(1, col)}: ${message}`, details: { file, line } });
  };
  const [error] = document.errors;
  if (error !== undefined) throw wrong(error.pos[0], error.message);
  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: 100 });
  } catch (cause) {
    throw wrong(0, (cause as Error).message);
  }
  const result = schema.safeParse(value, { reportInput: true });
  if (result.success) return result.data;
  const [issue] = result.error.issues.flatMap((each) => describeIssue(each as unknown as SchemaIssue, schema));
  const path = formatPath(issue?.path ?? []);
  throw wrong(offsetOf(document, issue?.at ?? []), `${path === '' ? '' : `"${path}" `}${issue?.message ?? 'is not valid'}`);
}
