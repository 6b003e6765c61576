import { PlatformError } from '@maru/api/errors';

/** The refusal of a token, in the words of RFC 6750; what was sent is never repeated as a whole. */
export const tokenProblem = (message: string): PlatformError =>
  new PlatformError('unauthenticated', { message, headers: { 'www-authenticate': 'Bearer error="invalid_token"' } });

const MAX_SHOWN = 200;

/** A value of a token that nobody has vouched for yet, safe to show to the one who sent it. */
export const shown = (value: unknown): string => JSON.stringify(value === undefined ? null : value).slice(0, MAX_SHOWN);
