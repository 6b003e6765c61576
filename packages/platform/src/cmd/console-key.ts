import type { IncomingMessage } from 'node:http';
import { consoleSession } from '#control';
import { SESSION_PREFIX } from './ledger-ports.ts';

/** A call of the console with its session becomes a call with a key that only this process understands. */
export function withConsoleKey(request: IncomingMessage): IncomingMessage {
  if (request.headers.authorization !== undefined || request.headers['x-api-key'] !== undefined) return request;
  const token = consoleSession(request);
  if (token !== undefined) request.headers.authorization = `Bearer ${SESSION_PREFIX}${token}`;
  return request;
}
