import type { IncomingHttpHeaders } from 'node:http';
import type { Payee } from './ports.ts';

const SECRET = new Set(['authorization', 'x-api-key', 'api-key', 'x-goog-api-key', 'cookie', 'proxy-authorization']);

/** The headers that others may see: without credentials, lists joined. */
export function withoutCredentials(headers: IncomingHttpHeaders): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const name in headers) {
    const value = headers[name];
    if (value === undefined || SECRET.has(name)) continue;
    kept[name] = typeof value === 'string' ? value : value.join(', ');
  }
  return kept;
}

/** A client's own request id, when it is one; ids are kept short and plain because they stand in headers, logs and tables. */
export function readRequestId(headers: IncomingHttpHeaders): string | undefined {
  const id = headers['x-request-id'];
  return typeof id === 'string' && /^[\w.:-]{1,128}$/.test(id) ? id : undefined;
}

/** Session of a request, from `x-maru-session` or `x-session-id`. */
export function readPayee(headers: IncomingHttpHeaders): Payee {
  const session = headers['x-maru-session'] ?? headers['x-session-id'];
  return typeof session === 'string' && session !== '' ? { session: session.slice(0, 256) } : {};
}
