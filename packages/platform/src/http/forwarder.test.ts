import { mkdtempSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { createFakeClock } from '#time';
import { createForwarder } from './forwarder.ts';
import { createHttpServer, type HttpServer, type HttpServerOptions } from './http-server.ts';

const closers: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** A server on a Unix socket, and one on a port that forwards everything to it. */
async function startPair(handler: HttpServerOptions['handler']): Promise<{ front: HttpServer; socketPath: string }> {
  const socketPath = join(mkdtempSync(join(tmpdir(), 'maru-forward-')), 's');
  const clock = createFakeClock();
  const inner = await createHttpServer({ handler, host: '127.0.0.1', port: 0, socketPath, clock });
  closers.push(() => inner.close());
  const forwarder = createForwarder(socketPath);
  closers.push(() => forwarder.close());
  const front = await createHttpServer({ handler: (request, response) => forwarder.forward(request, response), host: '127.0.0.1', port: 0, clock });
  closers.push(() => front.close());
  return { front, socketPath };
}

async function readAll(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

describe('createForwarder', () => {
  it('passes method, path, headers and body on, and status, headers and body back', async () => {
    const { front } = await startPair(async (request, response) => {
      const seen = { method: request.method, url: request.url, cookie: request.headers.cookie, host: request.headers.host, body: await readAll(request) };
      response.writeHead(418, { 'content-type': 'application/json', 'set-cookie': ['a=1', 'b=2'] }).end(JSON.stringify(seen));
    });

    const response = await fetch(`${front.url}/some/where?x=1&y=%20`, { method: 'PUT', headers: { cookie: 's=1' }, body: 'hello' });

    expect(response.status).toBe(418);
    expect(response.headers.getSetCookie()).toEqual(['a=1', 'b=2']);
    expect(await response.json()).toEqual({ method: 'PUT', url: '/some/where?x=1&y=%20', cookie: 's=1', host: `127.0.0.1:${front.port}`, body: 'hello' });
  });

  it('passes a body of unknown length on as it comes', async () => {
    const { front } = await startPair(async (request, response) => void response.end(await readAll(request)));
    const body = new ReadableStream({
      start(controller) {
        controller.enqueue(Buffer.from('one '));
        controller.enqueue(Buffer.from('two'));
        controller.close();
      },
    });

    const response = await fetch(front.url, { method: 'POST', body, duplex: 'half' } as RequestInit);

    expect(await response.text()).toBe('one two');
  });

  it('passes an answer on while it is made', async () => {
    const { promise: mayEnd, resolve: end } = Promise.withResolvers<void>();
    const { front } = await startPair(async (_request, response) => {
      response.write('first');
      await mayEnd;
      response.end('last');
    });

    const reader = (await fetch(front.url)).body?.getReader();
    const first = await reader?.read();
    end();
    const last = await reader?.read();

    expect([first, last].map((part) => Buffer.from(part?.value ?? []).toString())).toEqual(['first', 'last']);
  });

  it('ends the request there when the client goes', async () => {
    const { promise: gone, resolve } = Promise.withResolvers<void>();
    const { front } = await startPair((_request, response) => {
      response.once('close', resolve);
      response.write('first');
    });
    const controller = new AbortController();
    const response = await fetch(front.url, { signal: controller.signal });
    await response.body?.getReader().read();

    controller.abort();

    await expect(gone).resolves.toBeUndefined();
  });

  it('never lets a cut answer look whole', async () => {
    const { front } = await startPair((_request, response) => {
      response.write('first');
      setImmediate(() => response.destroy());
    });

    await expect(fetch(front.url).then((response) => response.text())).rejects.toThrow();
  });

  it('says that the platform stops when nobody listens', async () => {
    const { front } = await startPair(() => undefined);
    const inner = closers.shift();
    await inner?.();

    const response = await fetch(front.url, { method: 'POST', body: 'x' });

    expect(response.status).toBe(503);
    expect(response.headers.get('retry-after')).toBe('5');
    expect(await response.json()).toMatchObject({ error: { code: 'shutting_down' } });
  });
});
