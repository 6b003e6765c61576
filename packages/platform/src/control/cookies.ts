import type { IncomingMessage } from 'node:http';

const NAME = 'maru_session';

/** The session token of a request, where it has one. */
export function sessionToken(request: IncomingMessage): string | undefined {
  for (const part of (request.headers.cookie ?? '').split(';')) {
    const [name, value] = part.trim().split('=', 2);
    if (name === NAME && value !== undefined && value !== '') return value;
  }
  return undefined;
}

/** Not readable by scripts, not sent by other sites. */
export const sessionCookie = (token: string, secure: boolean): string =>
  `${NAME}=${token}; Path=/; HttpOnly; SameSite=Strict; Max-Age=43200${secure ? '; Secure' : ''}`;

export const endedCookie = (): string => `${NAME}=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0`;

/** Whether a request that carries a cookie was made by the console itself and not by another page. */
export const isFromConsole = (request: IncomingMessage): boolean =>
  request.headers['x-maru-console'] === '1' || request.method === 'GET' || request.method === 'HEAD';

/** The session of a request that the console itself has made; undefined for any other. */
export const consoleSession = (request: IncomingMessage): string | undefined => (isFromConsole(request) ? sessionToken(request) : undefined);
