import type { IncomingMessage, ServerResponse } from 'node:http';
import { PlatformError } from '@maru/api/errors';
import { loginSchema } from '@maru/api/wire';
import { parseJson, readBody, sendJsonWith } from '#http';
import { checked } from './checked.ts';
import { endedCookie, sessionCookie, sessionToken } from './cookies.ts';
import { identify } from './identify.ts';
import type { ControlPorts } from './ports.ts';
import type { Sessions } from './sessions.ts';

const LOGIN_BODY_BYTES = 4096;

interface SessionRouteOptions {
  readonly ports: Pick<ControlPorts, 'authenticate' | 'info'>;
  readonly sessions: Sessions;
  readonly secureCookies: boolean;
}

/** Answers `/?login=<token>` and `/api/v1/session`; false for everything else. */
export async function answerSession(call: { request: IncomingMessage; response: ServerResponse; url: URL; options: SessionRouteOptions }): Promise<boolean> {
  const { request, response, url } = call;
  const { ports, sessions, secureCookies } = call.options;
  const login = url.searchParams.get('login');
  if (request.method === 'GET' && url.pathname === '/' && login !== null) {
    const token = sessions.redeemLogin(login);
    // A used link leads to the page all the same: it shows the login form, or the session that is there.
    response
      .writeHead(303, { location: '/', 'cache-control': 'no-store', ...(token === undefined ? {} : { 'set-cookie': sessionCookie(token, secureCookies) }) })
      .end();
    return true;
  }
  if (url.pathname !== '/api/v1/session') return false;
  if (request.method === 'GET') {
    const principal = await identify(request, { sessions, authenticate: (key) => ports.authenticate(key) });
    sendJsonWith(response, { status: 200, headers: { 'cache-control': 'no-store' } }, { principal, ...ports.info() });
  } else if (request.method === 'POST') {
    const { key } = checked(loginSchema, parseJson(await readBody(request, LOGIN_BODY_BYTES)), 'body');
    const principal = await ports.authenticate(key);
    sendJsonWith(
      response,
      { status: 200, headers: { 'cache-control': 'no-store', 'set-cookie': sessionCookie(sessions.create(principal), secureCookies) } },
      { principal, ...ports.info() },
    );
  } else if (request.method === 'DELETE') {
    const token = sessionToken(request);
    if (token !== undefined) sessions.end(token);
    response.writeHead(204, { 'set-cookie': endedCookie() }).end();
  } else {
    throw new PlatformError('method_not_allowed', { message: '/api/v1/session takes GET, POST, DELETE' });
  }
  return true;
}
