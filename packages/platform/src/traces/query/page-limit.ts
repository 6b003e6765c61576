import { PlatformError } from '@maru/api/errors';

/** The number of items of a page: 50 unless told, at most 500; throws `invalid_request` for anything else. */
export function pageLimit(limit: number | undefined): number {
  if (limit === undefined) return 50;
  if (!Number.isInteger(limit) || limit < 1 || limit > 500)
    throw new PlatformError('invalid_request', { message: `limit is ${limit}; it must be a whole number from 1 to 500` });
  return limit;
}
