import { timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { PlatformError } from '@maru/api/errors';
import { sendError } from '#http';
import type { ExchangeHub } from './exchange-hub.ts';

/** Where another replica listens to the router of this one. */
export const EXCHANGE_PATH = '/internal/router/exchange';

/** A replica that reads so slowly is cut off; it comes again and is told everything anew. */
const MAX_BEHIND_BYTES = 8 * 1024 * 1024;

export interface ServedExchange {
  handle(request: IncomingMessage, response: ServerResponse): void;
  /** Ends all streams. */
  close(): void;
}

/** Streams the lines of a router to whoever has the key of the platform. */
export function serveExchange(hub: Pick<ExchangeHub, 'join'>, masterKey: string): ServedExchange {
  const open = new Set<ServerResponse>();
  return {
    handle(request, response) {
      if (!isKey(request.headers.authorization ?? '', masterKey)) {
        sendError(response, new PlatformError('unauthenticated', { message: 'replicas listen to each other with the master key' }));
        return;
      }
      response.writeHead(200, { 'content-type': 'application/x-ndjson', 'cache-control': 'no-store' });
      open.add(response);
      const leave = hub.join({
        local: false,
        send: (line) => {
          if (response.writableLength > MAX_BEHIND_BYTES) response.destroy();
          else response.write(`${line}\n`);
        },
      });
      response.once('close', () => {
        open.delete(response);
        leave();
      });
    },
    close: () => {
      for (const response of open) response.destroy();
    },
  };
}

function isKey(authorization: string, masterKey: string): boolean {
  const [given, wanted] = [Buffer.from(authorization), Buffer.from(`Bearer ${masterKey}`)];
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}
