import type { IncomingMessage } from 'node:http';

const CREDENTIALS: readonly string[] = ['authorization', 'x-api-key', 'api-key', 'x-goog-api-key'];

/**
 * A number for whoever calls, from the end of the credential and without knowing it: equal for equal credentials, and most often
 * different for others. The headers are looked at as they came, because making an object of them costs more.
 */
export function callerOf({ rawHeaders }: Pick<IncomingMessage, 'rawHeaders'>): number {
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    if (CREDENTIALS.includes((rawHeaders[index] ?? '').toLowerCase())) return hashOf(rawHeaders[index + 1] ?? '');
  }
  return 0;
}

function hashOf(text: string): number {
  let hash = 0;
  for (let index = Math.max(0, text.length - 8); index < text.length; index += 1) hash = (hash * 31 + text.charCodeAt(index)) >>> 0;
  return hash;
}
