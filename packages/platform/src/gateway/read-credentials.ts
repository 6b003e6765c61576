import type { IncomingHttpHeaders } from 'node:http';
import { PlatformError } from '@maru/api/errors';

/** Tokens of an identity provider are long; nothing longer is hashed or read. */
const LONGEST_KEY = 8192;
/** Where clients of other vendors put their key: Anthropic, Azure, Google. */
const KEY_HEADERS = ['x-api-key', 'api-key', 'x-goog-api-key'] as const;

/**
 * The key of a request: `authorization: Bearer …`, the header of another vendor's client, or `?key=` as Google's clients may send it.
 * Throws `unauthenticated`.
 */
export function readCredentials(headers: IncomingHttpHeaders, url = ''): string {
  const key = readBearer(headers.authorization) ?? readHeader(headers) ?? readQuery(url);
  if (key === undefined || key === '') {
    throw new PlatformError('unauthenticated', { message: 'no key was sent; send one as "authorization: Bearer sk-..."' });
  }
  if (key.length > LONGEST_KEY) throw new PlatformError('unauthenticated', { message: 'the key is longer than any key of this platform' });
  return key;
}

function readBearer(authorization: string | undefined): string | undefined {
  if (authorization === undefined || authorization.length <= 7 || authorization.slice(0, 7).toLowerCase() !== 'bearer ') return undefined;
  return authorization.slice(7).trim();
}

function readHeader(headers: IncomingHttpHeaders): string | undefined {
  for (const name of KEY_HEADERS) {
    const value = headers[name];
    if (typeof value === 'string') return value.trim();
  }
  return undefined;
}

function readQuery(url: string): string | undefined {
  const query = url.indexOf('?');
  return query < 0 ? undefined : (new URLSearchParams(url.slice(query + 1)).get('key') ?? undefined);
}
