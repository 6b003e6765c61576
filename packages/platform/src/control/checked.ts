import { PlatformError } from '@maru/api/errors';
import type { z } from 'zod';

/** Parses at the wall: throws `invalid_request` with every wrong field. */
export function checked<Schema extends z.ZodType>(schema: Schema, value: unknown, where: string): z.output<Schema> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const said = result.error.issues.map((issue) => `${[where, ...issue.path].join('.')}: ${issue.message}`);
  throw new PlatformError('invalid_request', { message: said.join('; '), details: { param: result.error.issues[0]?.path.join('.') ?? where } });
}
