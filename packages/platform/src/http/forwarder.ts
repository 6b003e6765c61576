import { Agent, type IncomingMessage, type ServerResponse, request as sendRequest } from 'node:http';
import { pipeline } from 'node:stream';
import { PlatformError } from '@maru/api/errors';
import { sendError } from './respond.ts';

/** Hands whole requests over to another process of this platform. */
export interface Forwarder {
  /**
   * Passes a request on as it came and its answer back as it is made; ends the request there when the client goes. The client gets
   * `shutting_down` when nobody listens. Resolves when the exchange is over; never throws.
   */
  forward(request: IncomingMessage, response: ServerResponse): Promise<void>;
  close(): void;
}

/** Of one connection only (RFC 9110, 7.6.1): each side says its own. */
const HOP_BY_HOP = new Set(['connection', 'keep-alive', 'proxy-connection', 'te', 'trailer', 'transfer-encoding', 'upgrade']);

/** Forwards to the server that listens on a Unix socket. */
export function createForwarder(socketPath: string): Forwarder {
  const agent = new Agent({ keepAlive: true });
  const forward = (request: IncomingMessage, response: ServerResponse): Promise<void> =>
    new Promise((resolve) => {
      const headers = [...endToEnd(request.rawHeaders), ...(request.headers['transfer-encoding'] === undefined ? [] : ['transfer-encoding', 'chunked'])];
      const outgoing = sendRequest({ socketPath, agent, method: request.method ?? 'GET', path: request.url ?? '/', headers, setHost: false });
      response.once('close', () => {
        outgoing.destroy();
        resolve();
      });
      outgoing.once('error', (cause) => {
        if (response.headersSent) response.destroy();
        else
          sendError(response, new PlatformError('shutting_down', { message: 'the platform is about to stop; send the request again', retryAfterS: 5, cause }));
      });
      outgoing.once('response', (incoming) => {
        response.writeHead(incoming.statusCode ?? 502, incoming.statusMessage ?? '', endToEnd(incoming.rawHeaders));
        // A cut answer cuts the client too: half of it must not look whole.
        pipeline(incoming, response, (error) => void (error === undefined || error === null || response.destroy()));
      });
      request.once('error', () => outgoing.destroy());
      request.pipe(outgoing);
    });
  return { forward, close: () => agent.destroy() };
}

/** Names and values in turn, as they came. */
function endToEnd(rawHeaders: readonly string[]): string[] {
  const kept: string[] = [];
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const [name, value] = [rawHeaders[index] ?? '', rawHeaders[index + 1] ?? ''];
    if (!HOP_BY_HOP.has(name.toLowerCase())) kept.push(name, value);
  }
  return kept;
}
