import type { IncomingMessage } from 'node:http';
import { PlatformError } from '@maru/api/errors';
import { isFromConsole, sessionToken } from './cookies.ts';
import type { ControlPrincipal } from './ports.ts';
import type { Sessions } from './sessions.ts';

export interface IdentifyOptions {
  readonly sessions: Sessions;
  authenticate(key: string): Promise<ControlPrincipal>;
}

/** Who sends a request: a key (bearer, `x-api-key`, or Basic as Langfuse's SDKs do), or the session of a browser. Throws `unauthenticated` or `forbidden`. */
export async function identify(request: IncomingMessage, options: IdentifyOptions): Promise<ControlPrincipal> {
  const key = keyOf(request);
  if (key !== undefined) return options.authenticate(key);
  const token = sessionToken(request);
  const principal = token === undefined ? undefined : options.sessions.find(token);
  if (principal === undefined)
    throw new PlatformError('unauthenticated', { message: 'no valid key or session; log in, or send "authorization: Bearer sk-..."' });
  if (!isFromConsole(request)) throw new PlatformError('forbidden', { message: 'a change with a session needs the header "x-maru-console: 1"' });
  return principal;
}

function keyOf(request: IncomingMessage): string | undefined {
  const header = request.headers.authorization;
  const bearer = header === undefined ? null : /^Bearer\s+(\S+)$/i.exec(header);
  if (bearer?.[1] !== undefined) return bearer[1];
  const basic = header === undefined ? null : /^Basic\s+(\S+)$/i.exec(header);
  if (basic?.[1] !== undefined) {
    const text = Buffer.from(basic[1], 'base64').toString('utf8');
    return text.slice(text.indexOf(':') + 1);
  }
  const plain = request.headers['x-api-key'];
  return typeof plain === 'string' ? plain : undefined;
}
