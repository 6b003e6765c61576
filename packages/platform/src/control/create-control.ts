import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { PlatformError } from '@maru/api/errors';
import { clientSignal, formatSse, parseJson, readBody, sendError, sendJson, sendJsonWith } from '#http';
import type { Log } from '#telemetry';
import type { Clock } from '#time';
import { createAssets } from './assets.ts';
import { checked } from './checked.ts';
import { identify } from './identify.ts';
import { createRouteMatcher } from './match-route.ts';
import { openApiDocument } from './open-api.ts';
import type { ControlPorts, ControlPrincipal } from './ports.ts';
import type { ControlReply, ControlRoute } from './route.ts';
import { controlRoutes } from './routes/index.ts';
import { answerSession } from './session-routes.ts';
import type { Sessions } from './sessions.ts';

export interface ControlOptions {
  readonly ports: ControlPorts;
  readonly sessions: Sessions;
  readonly clock: Clock;
  readonly log: Log;
  readonly maxBodyBytes: number;
  /** Folder of the built console. */
  readonly consoleDir: string;
  readonly secureCookies: boolean;
}

/** Who asks for what everybody may see. */
const NOBODY: ControlPrincipal = Object.freeze({ role: 'key', tenant: '', keyId: '' });

/** Answers what belongs to the control plane; false for a path of nobody. */
export type ControlHandler = (request: IncomingMessage, response: ServerResponse) => Promise<boolean>;

/** The control plane over HTTP: `/api/v1/*`, foreign APIs, the OpenAPI document and the console. */
export function createControl(options: ControlOptions): ControlHandler {
  const { ports, sessions, log } = options;
  const routes = controlRoutes(ports, options.clock);
  const match = createRouteMatcher(routes);
  const serveAssets = createAssets(options.consoleDir);
  const who = { sessions, authenticate: (key: string) => ports.authenticate(key) };

  const callRoute = async (
    target: { route: ControlRoute; params: Readonly<Record<string, string>>; url: URL },
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> => {
    const { route, params, url } = target;
    const principal = route.access === 'public' ? NOBODY : await identify(request, who);
    if (route.access === 'admin' && principal.role !== 'admin') throw new PlatformError('forbidden', { message: 'this needs the key of the administrator' });
    const signal = clientSignal(request, response);
    const raw = request.method === 'GET' ? Buffer.alloc(0) : await readBody(request, options.maxBodyBytes);
    const body = route.body === undefined ? undefined : checked(route.body, raw.length === 0 ? {} : parseJson(raw), 'body');
    const query = route.query === undefined ? undefined : checked(route.query, Object.fromEntries(url.searchParams), 'query');
    await sendReply(await route.handle({ params, query, body, raw, principal, signal, request, response }), response, signal);
  };

  return async (request, response) => {
    const url = new URL(request.url ?? '/', 'http://localhost');
    const path = url.pathname;
    try {
      if (await answerSession({ request, response, url, options })) return true;
      if (path === '/api/openapi.json') {
        sendJson(response, 200, openApiDocument(routes, ports.info().version));
        return true;
      }
      const found = match(request.method ?? 'GET', path);
      if (found === undefined) {
        if (path.startsWith('/api/')) throw new PlatformError('not_found', { message: `there is no ${path}; see /api/openapi.json` });
        return await serveAssets(request, response);
      }
      if ('allow' in found)
        sendError(response, new PlatformError('method_not_allowed', { message: `${path} takes ${found.allow.join(', ')}` }), { allow: found.allow.join(', ') });
      else await callRoute({ ...found, url }, request, response);
    } catch (error) {
      const status = (error as { status?: number }).status ?? 500;
      if (status >= 500) log.error({ err: error, path }, 'control call failed');
      // An answer that has begun can only be cut.
      if (response.headersSent) response.destroy();
      else sendError(response, error);
    }
    return true;
  };
}

async function sendReply(reply: ControlReply, response: ServerResponse, signal: AbortSignal): Promise<void> {
  if ('json' in reply) return sendJsonWith(response, { status: reply.status ?? 200, headers: { 'cache-control': 'no-store' } }, reply.json);
  if ('empty' in reply) {
    response.writeHead(204).end();
    return;
  }
  if ('bytes' in reply) {
    response.writeHead(reply.status, { 'content-type': reply.contentType, 'content-length': Buffer.byteLength(reply.bytes) }).end(reply.bytes);
    return;
  }
  if ('parts' in reply) return await sendParts(reply, response, signal);
  response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-store' });
  for await (const event of reply.events) {
    if (signal.aborted) return;
    const type = (event as { type?: unknown }).type;
    response.write(formatSse({ data: JSON.stringify(event), ...(typeof type === 'string' ? { event: type } : {}) }));
  }
  response.end();
}

/** A failure before the first part is answered as one; after it the connection is cut, so that half an answer never looks whole. */
async function sendParts(
  reply: { readonly contentType: string; readonly parts: AsyncIterable<string> },
  response: ServerResponse,
  signal: AbortSignal,
): Promise<void> {
  const parts = reply.parts[Symbol.asyncIterator]();
  const first = await parts.next();
  response.writeHead(200, { 'content-type': reply.contentType, 'cache-control': 'no-store' });
  await pipeline(Readable.from(withFirst(first, parts)), response, { signal });
}

async function* withFirst(first: IteratorResult<string>, rest: AsyncIterator<string>): AsyncGenerator<string> {
  for (let part = first; part.done !== true; part = await rest.next()) yield part.value;
}
