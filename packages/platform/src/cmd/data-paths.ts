import type { IncomingMessage } from 'node:http';
import { consoleSession, isAdminPath } from '#control';
import { isCallPath } from '#gateway';

/** Whether a request is for the data plane; everything else is the control plane's, which hands back what it does not know. */
export function isDataPath(path: string, method: string | undefined): boolean {
  if (isAdminPath(path) || path === '/v1/traces') return false;
  return /^\/v[12]/.test(path) || (method === 'POST' && isCallPath(path));
}

/** Stored files and the batches over them lie with the main process. */
const STORED = /^\/v1\/(?:files|batches)(?:\/|$)/;

/** Whether a worker answers a request by itself. People at the console are known to the main process only, and `mainPaths` are its own. */
export function isWorkersRequest(request: IncomingMessage, path: string, mainPaths: readonly string[]): boolean {
  const { authorization, 'x-api-key': apiKey } = request.headers;
  if (authorization === undefined && apiKey === undefined && consoleSession(request) !== undefined) return false;
  if (mainPaths.some((own) => path === own || path.startsWith(`${own}/`))) return false;
  return isDataPath(path, request.method) && !STORED.test(path);
}
