import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A server whose calls are counted: what an agent's tool does in the world. */
export interface CountedServer {
  readonly url: string;
  /** Calls per path. */
  readonly calls: ReadonlyMap<string, number>;
  close(): Promise<void>;
}

export async function startCountedServer(): Promise<CountedServer> {
  const calls = new Map<string, number>();
  const server = createServer((request, response) => {
    const path = request.url ?? '/';
    calls.set(path, (calls.get(path) ?? 0) + 1);
    response.writeHead(200, { 'content-type': 'text/plain' }).end(`The number of ${path.slice(1)} is forty-two.`);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls,
    close: () => new Promise((resolve) => void server.close(() => resolve())),
  };
}
