import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { UpstreamReply } from '#http';

/** Of the connection, or for a browser that trusts the platform. */
const STAYS = new Set(['connection', 'keep-alive', 'transfer-encoding', 'trailer', 'upgrade', 'proxy-authenticate', 'set-cookie', 'strict-transport-security']);

export interface ForwardOptions {
  readonly headers: Readonly<Record<string, string>>;
  /** Called when the last byte is there and before the client's answer ends. */
  readonly beforeEnd: () => void;
}

/** Sends an answer on as it comes. A cut answer cuts the client's too. */
export async function forwardAnswer(reply: UpstreamReply, response: ServerResponse, { headers, beforeEnd }: ForwardOptions): Promise<void> {
  const passed = Object.entries(reply.headers).filter((entry): entry is [string, string | string[]] => entry[1] !== undefined && !STAYS.has(entry[0]));
  // The length would let a client take the answer as complete before it is charged.
  response.writeHead(reply.status, { ...Object.fromEntries(passed.filter(([name]) => name !== 'content-length')), ...headers });
  for await (const chunk of reply.body) if (!response.write(chunk)) await Promise.race([once(response, 'drain'), once(response, 'close')]);
  beforeEnd();
  response.end();
}
