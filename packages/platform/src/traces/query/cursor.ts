import { PlatformError } from '@maru/api/errors';

type CursorPart = string | number;

/** A place in a list, in a form that clients pass back unread. */
export const encodeCursor = (list: string, parts: readonly CursorPart[]): string => Buffer.from(JSON.stringify([list, ...parts])).toString('base64url');

/** Reads a cursor that {@link encodeCursor} made for the same list; throws `invalid_request` for anything else. */
export function decodeCursor(list: string, cursor: string, shape: readonly ('string' | 'number')[]): readonly CursorPart[] {
  const parts = parse(cursor);
  const fits = parts?.length === shape.length + 1 && parts[0] === list && shape.every((type, index) => isPart(parts[index + 1], type));
  if (!fits || parts === undefined)
    throw new PlatformError('invalid_request', { message: `the cursor is not one that the list of ${list} gave; leave it out to start from the newest` });
  return parts.slice(1) as CursorPart[];
}

const isPart = (value: unknown, type: 'string' | 'number'): boolean => typeof value === type && (type === 'string' || Number.isSafeInteger(value));

function parse(cursor: string): readonly unknown[] | undefined {
  if (cursor.length > 2_000) return undefined;
  try {
    const value: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    return Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
