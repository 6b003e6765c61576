import { isPlatformError, PlatformError } from '@maru/api/errors';

/**
 * Says in our words what the disk or the database answered: `storage_full` when there is no space left, `conflict`
 * when a unique key is taken, `storage_failed` for everything else. A PlatformError stays as it is.
 */
export function toStorageError(cause: unknown, what: string): PlatformError {
  if (isPlatformError(cause)) return cause;
  const { code, errcode } = codesOf(cause);
  if (FULL.has(code) || primary(errcode) === SQLITE_FULL) return new PlatformError('storage_full', { message: `no space left: ${what}`, cause });
  if (code === UNIQUE_VIOLATION || SQLITE_UNIQUE.has(errcode))
    return new PlatformError('conflict', { message: `${what}: a row with this key exists already`, cause });
  if (primary(errcode) === SQLITE_BUSY)
    return new PlatformError('storage_failed', { message: `${what}: another program holds the database`, cause, retryAfterS: 1 });
  return new PlatformError('storage_failed', { message: `${what} failed: ${reasonOf(cause)}`, cause });
}

// Codes of the operating system, and disk_full of PostgreSQL.
const FULL = new Set(['ENOSPC', 'EDQUOT', '53100']);
const UNIQUE_VIOLATION = '23505';
const SQLITE_BUSY = 5;
const SQLITE_FULL = 13;
// SQLITE_CONSTRAINT_PRIMARYKEY, SQLITE_CONSTRAINT_UNIQUE.
const SQLITE_UNIQUE = new Set([1555, 2067]);

// SQLite puts the kind of an error into the low byte.
const primary = (errcode: number): number => errcode & 0xff;

function codesOf(cause: unknown): { code: string; errcode: number } {
  if (typeof cause !== 'object' || cause === null) return { code: '', errcode: 0 };
  const { code, errcode } = cause as { code?: unknown; errcode?: unknown };
  return { code: typeof code === 'string' ? code : '', errcode: typeof errcode === 'number' ? errcode : 0 };
}

/** Codes only: the text of a database error can quote values out of a row. */
function reasonOf(cause: unknown): string {
  const { code, errcode } = codesOf(cause);
  const { errstr } = (cause ?? {}) as { errstr?: unknown };
  return [code, errcode === 0 ? '' : `${errcode}`, typeof errstr === 'string' ? errstr : ''].filter((part) => part !== '').join(' ') || 'unknown cause';
}
