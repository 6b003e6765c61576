import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** One request that an upstream has seen. */
export interface Seen {
  readonly side: string;
  readonly body: string;
  readonly atMs: number;
  /** When the other side broke the connection off, if it did. */
  goneMs: number | undefined;
}

/** What a side of a case does with its `turn`-th request, counted from 0. */
export type Play = (turn: number, response: ServerResponse, body: string) => void | Promise<void>;

export interface Upstreams {
  readonly url: string;
  /** What `side` of `name` does from now on. */
  play(name: string, side: string, play: Play): void;
  seen(name: string): readonly Seen[];
  close(): Promise<void>;
}

/** One server on the loopback that plays every upstream of the suite: the path says which case and which side of it. */
export async function startUpstreams(): Promise<Upstreams> {
  const plays = new Map<string, Play>();
  const seen = new Map<string, Seen[]>();
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const [, name = '', side = ''] = (request.url ?? '').split('/');
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks).toString();
    const list = seen.get(name) ?? [];
    seen.set(name, list);
    const turn = list.filter((entry) => entry.side === side).length;
    const entry: Seen = { side, body, atMs: performance.now(), goneMs: undefined };
    list.push(entry);
    response.on('close', () => {
      if (!response.writableFinished) entry.goneMs = performance.now();
    });
    const play = plays.get(`${name}/${side}`);
    if (play === undefined) response.writeHead(500).end('{}');
    else await play(turn, response, body);
  };
  const server = createServer((request, response) => void answer(request, response).catch(() => response.destroy()));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    play: (name, side, play) => void plays.set(`${name}/${side}`, play),
    seen: (name) => seen.get(name) ?? [],
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

export function sendJson(response: ServerResponse, status: number, body: unknown, headers: Record<string, string> = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(body));
}

/** Writes events, each in a packet of its own, and leaves the connection open. */
export async function sendEvents(response: ServerResponse, events: readonly string[]): Promise<void> {
  if (!response.headersSent) response.writeHead(200, { 'content-type': 'text/event-stream' });
  for (const event of events) {
    if (response.destroyed) return;
    response.write(event);
    await new Promise((resolve) => setImmediate(resolve));
  }
}
