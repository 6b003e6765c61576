import { mkdtempSync, writeFileSync } from 'node:fs';
import { Agent, get, type ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isPlatformError, PlatformError } from '@maru/api/errors';
import { afterEach, describe, expect, it } from 'vitest';
import { createFakeClock } from '#time';
import { createHttpServer, type HttpServer, type HttpServerOptions } from './http-server.ts';

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

async function start(handler: HttpServerOptions['handler'], more: Partial<HttpServerOptions> = {}): Promise<HttpServer> {
  const server = await createHttpServer({ handler, host: '127.0.0.1', port: 0, clock: createFakeClock(), ...more });
  closers.push(() => server.close());
  return server;
}

describe('createHttpServer', () => {
  it('answers, and says where', async () => {
    const server = await start((_request, response) => void response.end('hello'));

    expect(server.url).toBe(`http://127.0.0.1:${server.port}`);
    expect(await (await fetch(server.url)).text()).toBe('hello');
  });

  it('turns what a handler throws into an answer', async () => {
    const server = await start(() => {
      throw new PlatformError('overloaded', { message: 'busy', retryAfterS: 2 });
    });

    const response = await fetch(server.url);

    expect(response.status).toBe(503);
    expect(response.headers.get('retry-after')).toBe('2');
  });

  it('keeps internal messages inside', async () => {
    const server = await start(() => Promise.reject(new TypeError('secret of the house')));

    const response = await fetch(server.url);

    expect(response.status).toBe(500);
    expect(await response.text()).not.toContain('secret');
  });

  it('answers on every connection where it accepts several at once, and closes them all', async () => {
    const server = await start((_request, response) => void response.end('hello'), { acceptors: 8 });
    const agent = new Agent({ keepAlive: true, maxSockets: 40 });
    const answers = await Promise.all(
      Array.from(
        { length: 40 },
        () =>
          new Promise<number | undefined>((resolve, reject) => {
            get(server.url, { agent }, (response) => response.resume().on('end', () => resolve(response.statusCode))).on('error', reject);
          }),
      ),
    );

    expect(answers).toEqual(answers.map(() => 200));
    await server.close();
    await expect(fetch(server.url)).rejects.toThrow();
    agent.destroy();
  });

  it.each([
    [8, 8],
    [8, 1],
    [1, 8],
  ])('names a port in use with %i acceptors also to one that wants %i', async (first, second) => {
    const { port } = await start(() => undefined, { acceptors: first });

    const error = await start(() => undefined, { port, acceptors: second }).catch((thrown: unknown) => thrown);

    expect(isPlatformError(error, 'port_in_use')).toBe(true);
  });

  it('takes the port that it is told with several acceptors', async () => {
    // Between the two another program may take the port that was free.
    for (let attempt = 0; ; attempt += 1) {
      const { port, close } = await start(() => undefined);
      await close();
      const server = await start((_request, response) => void response.end('hello'), { port, acceptors: 4 }).catch((error: unknown) => {
        if (attempt === 20 || !isPlatformError(error, 'port_in_use')) throw error;
      });
      if (server === undefined) continue;
      expect(server.port).toBe(port);
      expect(await (await fetch(server.url)).text()).toBe('hello');
      return;
    }
  });

  it('names the port that is in use', async () => {
    const first = await start(() => undefined);

    const error = await createHttpServer({ handler: () => undefined, host: '127.0.0.1', port: first.port, clock: createFakeClock() }).catch(
      (thrown: unknown) => thrown,
    );

    expect(isPlatformError(error, 'port_in_use')).toBe(true);
    expect(String(error)).toContain(String(first.port));
  });

  it('says that an address can not be used', async () => {
    const error = await createHttpServer({ handler: () => undefined, host: '203.0.113.7', port: 0, clock: createFakeClock() }).catch(
      (thrown: unknown) => thrown,
    );

    expect(isPlatformError(error, 'config_invalid')).toBe(true);
  });

  it('lets a stream finish when it closes, and takes no new connection', async () => {
    let stream: ServerResponse | undefined;
    const server = await start((_request, response) => {
      stream = response;
      response.write('first ');
    });
    const running = await fetch(server.url);

    const closed = server.close();
    expect(server.active()).toBe(1);
    await expect(fetch(server.url)).rejects.toThrow();
    stream?.end('last');

    expect(await running.text()).toBe('first last');
    await closed;
    expect(server.active()).toBe(0);
  });

  it('cuts what is left after its time', async () => {
    const clock = createFakeClock();
    const server = await start((_request, response) => void response.write('first '), { clock, drainMs: 1000 });
    const running = await fetch(server.url);

    const closed = server.close();
    await clock.advance(1001);
    await closed;

    await expect(running.text()).rejects.toThrow();
  });

  it('refuses what is not HTTP', async () => {
    const server = await start((_request, response) => void response.end('hello'));
    const socket = connect(server.port, '127.0.0.1');

    const answer = await new Promise<string>((resolve) => {
      socket.on('data', (bytes) => resolve(bytes.toString()));
      socket.write('NONSENSE\r\n\r\n');
    });

    expect(answer).toMatch(/^HTTP\/1.1 400/);
    socket.destroy();
  });

  it('refuses headers that are too large', async () => {
    const server = await start((_request, response) => void response.end('hello'));

    const outcome = await fetch(server.url, { headers: { filler: 'x'.repeat(64 * 1024) } }).then(
      (response) => response.status,
      () => 'cut',
    );

    expect(outcome === 'cut' || Number(outcome) >= 400).toBe(true);
  });

  it('listens on a Unix socket, also where a dead process has left one', async () => {
    const socketPath = join(mkdtempSync(join(tmpdir(), 'maru-http-')), 'own.sock');
    writeFileSync(socketPath, '');
    await start((_request, response) => void response.end('inside'), { socketPath });

    const text = await new Promise((resolve, reject) => {
      get({ socketPath, path: '/' }, (response) => response.setEncoding('utf8').on('data', resolve)).on('error', reject);
    });

    expect(text).toBe('inside');
  });

  it.runIf(process.platform === 'linux')('shares its port with others that agree to it', async () => {
    const first = await start((_request, response) => void response.end('one'), { reusePort: true });
    await start((_request, response) => void response.end('two'), { reusePort: true, port: first.port });

    const answers = await Promise.all(Array.from({ length: 60 }, async () => (await fetch(first.url, { headers: { connection: 'close' } })).text()));

    expect(new Set(answers)).toEqual(new Set(['one', 'two']));
  });
});
