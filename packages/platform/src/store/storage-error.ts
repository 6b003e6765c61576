import { isPlatformError, PlatformError } from '@maru/api/errors';

/**
 * Says in our words what the disk or the database answered: `storage_full` when there is no space left,
 * `storage_failed` for everything else. A PlatformError stays as it is.
 */
export function toStorageError(cause: unknown, what: string): PlatformError {
  if (isPlatformError(cause)) return cause;
  if (isFull(cause)) return new PlatformError('storage_full', { message: `no space left: ${what}`, cause });
  return new PlatformError('storage_failed', { message: `${what} failed: ${reason(cause)}`, cause });
}

// SQLITE_FULL is 13; PostgreSQL says 53100 (disk_full), operating systems ENOSPC or EDQUOT.
function isFull(cause: unknown): boolean {
  if (typeof cause !== 'object' || cause === null) return false;
  const { code, errcode } = cause as { code?: unknown; errcode?: unknown };
  return code === 'ENOSPC' || code === 'EDQUOT' || code === '53100' || (typeof errcode === 'number' && (errcode & 0xff) === 13);
}

/** Codes only: the text of a database error can quote values out of a row. */
function reason(cause: unknown): string {
  if (typeof cause !== 'object' || cause === null) return 'unknown cause';
  const { code, errstr } = cause as { code?: unknown; errstr?: unknown };
  return [code, errstr].filter((part) => typeof part === 'string').join(', ') || 'unknown cause';
}
