import type { IncomingHttpHeaders } from 'node:http';
import { PlatformError } from '@maru/api/errors';

const LONGEST_KEY = 512;

/** The key of a request: `authorization: Bearer …`, or `x-api-key` as clients of Anthropic send it. Throws `unauthenticated`. */
export function readCredentials(headers: IncomingHttpHeaders): string {
  const { authorization } = headers;
  const other = headers['x-api-key'];
  let key: string | undefined;
  if (authorization !== undefined && authorization.length > 7 && authorization.slice(0, 7).toLowerCase() === 'bearer ') key = authorization.slice(7).trim();
  else if (typeof other === 'string') key = other.trim();
  if (key === undefined || key === '') {
    throw new PlatformError('unauthenticated', { message: 'no key was sent; send one as "authorization: Bearer sk-..."' });
  }
  if (key.length > LONGEST_KEY) throw new PlatformError('unauthenticated', { message: 'the key is longer than any key of this platform' });
  return key;
}
