import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { silentLog } from '#telemetry';
import { createFakeClock, createSystemClock } from '#time';
import { openRedis, type Redis } from './redis.ts';

/** A server that answers as it is told to: `undefined` keeps silent, `close` hangs up. */
type Answer = (command: string) => string | Buffer | undefined | 'close';

const closing: (() => Promise<unknown> | undefined)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/** Commands of the protocol as lists of bulk strings. */
function readCommands(text: string): readonly string[] {
  return [...text.matchAll(/\*(\d+)\r\n((?:\$\d+\r\n[^\r]*\r\n)+)/g)].map(([, , parts = '']) =>
    [...parts.matchAll(/\$\d+\r\n([^\r]*)\r\n/g)].map(([, part]) => part ?? '').join(' '),
  );
}

async function serve(answer: Answer): Promise<{ readonly url: string; readonly heard: string[]; connections(): number }> {
  const heard: string[] = [];
  const sockets = new Set<Socket>();
  let connections = 0;
  const server: Server = createServer((socket) => {
    connections += 1;
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('data', (data) => {
      for (const command of readCommands(data.toString('latin1'))) {
        // The client introduces itself first.
        if (/^(HELLO|CLIENT)/.test(command)) {
          socket.write('+OK\r\n');
          continue;
        }
        heard.push(command);
        const reply = answer(command);
        if (reply === 'close') socket.destroy();
        else if (reply !== undefined) socket.write(reply);
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(() => {
    for (const socket of sockets) socket.destroy();
    return new Promise((resolve) => server.close(resolve));
  });
  return { url: `redis://127.0.0.1:${(server.address() as AddressInfo).port}`, heard, connections: () => connections };
}

function connect(url: string, changes: Partial<Parameters<typeof openRedis>[0]> = {}): Redis {
  const redis = openRedis({ url, clock: createSystemClock(), log: silentLog, timeoutMs: 30_000, restMs: 0, ...changes });
  closing.push(() => redis.close());
  return redis;
}

const bulk = (bytes: Buffer): Buffer => Buffer.concat([Buffer.from(`$${bytes.length}\r\n`), bytes, Buffer.from('\r\n')]);

describe('a connection to Redis', () => {
  it('is made at the first command, once for many', async () => {
    const server = await serve(() => '+PONG\r\n');
    const redis = connect(server.url);
    expect(server.connections()).toBe(0);

    expect(await Promise.all(Array.from({ length: 20 }, () => redis.send(['PING'])))).toEqual(Array.from({ length: 20 }, () => 'PONG'));
    expect(server.connections()).toBe(1);
  });

  it('gives text as text, and bytes where they are asked for', async () => {
    const bytes = Buffer.from([0, 255, 13, 10, 0xeb]);
    const server = await serve(() => bulk(bytes));
    const redis = connect(server.url);

    expect(await redis.send(['GET', 'k'], { bytes: true })).toEqual(bytes);
    expect(typeof (await redis.send(['GET', 'k']))).toBe('string');
  });

  it('goes on after a command that the server refuses', async () => {
    const server = await serve((command) => (command === 'BAD' ? '-ERR unknown command\r\n' : '+PONG\r\n'));
    const redis = connect(server.url, { restMs: 60_000 });

    await expect(redis.send(['BAD'])).rejects.toMatchObject({ code: 'storage_failed', message: 'Redis refuses a command' });
    expect(await redis.send(['PING'])).toBe('PONG');
    expect(server.connections()).toBe(1);
  });

  it('is made anew after the server has hung up', async () => {
    let hangsUp = true;
    const server = await serve(() => {
      if (!hangsUp) return '+PONG\r\n';
      hangsUp = false;
      return 'close';
    });
    const redis = connect(server.url);

    await expect(redis.send(['PING'])).rejects.toMatchObject({ code: 'storage_failed' });
    expect(await redis.send(['PING'])).toBe('PONG');
    expect(server.connections()).toBe(2);
  });

  it('gives up a command that stays without an answer, and leaves the server alone for a while', async () => {
    const clock = createFakeClock(0);
    const server = await serve((command) => (command === 'PING' ? '+PONG\r\n' : undefined));
    const redis = connect(server.url, { clock, timeoutMs: 1000, restMs: 5000 });
    await redis.send(['PING']);

    const silent = redis.send(['GET', 'k']);
    silent.catch(() => undefined);
    await clock.advance(1000);
    await expect(silent).rejects.toMatchObject({ code: 'storage_failed' });
    await expect(redis.send(['PING'])).rejects.toMatchObject({ message: 'Redis did not answer a moment ago' });
    expect(server.heard.filter((command) => command === 'PING')).toHaveLength(1);

    await clock.advance(5000);
    expect(await redis.send(['PING'])).toBe('PONG');
  });

  it('is not made any more after it was closed', async () => {
    const server = await serve(() => '+PONG\r\n');
    const redis = connect(server.url);
    await redis.send(['PING']);
    await redis.close();

    await expect(redis.send(['PING'])).rejects.toMatchObject({ code: 'storage_failed', message: 'the connection to Redis was closed' });
  });
});
