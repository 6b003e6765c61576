import type { IncomingHttpHeaders } from 'node:http';
import type { PassThroughRule } from '#resources';

/** Of the connection, of the platform, or a key: none of them leaves. */
const STAYS = new Set([
  'host',
  'connection',
  'keep-alive',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'expect',
  'content-length',
  'authorization',
  'cookie',
  'x-api-key',
  'api-key',
  'x-goog-api-key',
  'forwarded',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-proto',
]);
const PLAIN = new Set(['content-type', 'content-encoding', 'accept', 'accept-encoding', 'user-agent']);

/** Headers for the service: what the rule says wins, and the client's own key never goes on. */
export function requestHeaders(headers: IncomingHttpHeaders, rule: PassThroughRule): Record<string, string> {
  const own = Object.entries(headers).flatMap(([name, value]) => {
    const goes = PLAIN.has(name) || (rule.forwardHeaders && !STAYS.has(name));
    return goes && typeof value === 'string' ? [[name, value] as const] : [];
  });
  return { ...Object.fromEntries(own), ...Object.fromEntries(Object.entries(rule.headers).filter(([name]) => name !== 'host' && name !== 'content-length')) };
}
