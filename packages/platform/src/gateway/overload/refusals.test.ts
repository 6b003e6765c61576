import { createServer, request as httpRequest, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { createFakeClock } from '#time';
import type { ErrorShape } from '../door.ts';
import { Refusals } from './refusals.ts';

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

interface Refusing {
  readonly url: string;
  readonly drained: IncomingMessage[];
  /** Runs what is due in the next turn. */
  turn(): void;
  /** Resolves when so many requests wait for their refusal. */
  until(count: number): Promise<void>;
}

/** A server that refuses everything, in the shape that the path names. */
async function start(writeMs: number): Promise<Refusing> {
  const callbacks: (() => void)[] = [];
  const drained: IncomingMessage[] = [];
  let nowMs = 0;
  const clock = { ...createFakeClock(), monotonicMs: () => (nowMs += writeMs) };
  const refusals = new Refusals({ clock, nextTurn: (callback) => void callbacks.push(callback), drain: (request) => void drained.push(request) });
  let came = 0;
  const waiting: { readonly count: number; readonly resolve: () => void }[] = [];
  const server = createServer((request, response) => {
    refusals.add({ request, response, shape: (request.url ?? '').slice(1) as ErrorShape });
    came += 1;
    for (const each of waiting) if (came >= each.count) each.resolve();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(() => {
    server.close();
    server.closeAllConnections();
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    drained,
    turn: () => {
      for (const callback of callbacks.splice(0)) callback();
    },
    until: (count) => new Promise((resolve) => (came >= count ? resolve() : waiting.push({ count, resolve }))),
  };
}

const post = (url: string, shape: ErrorShape, body = '{}'): Promise<Response> => fetch(`${url}/${shape}`, { method: 'POST', body });

describe('refusals', () => {
  it('are 503 with retry-after, in the shape of the door', async () => {
    const server = await start(0);
    const shapes = ['openai', 'anthropic', 'google', 'responses'] as const;
    const replies = shapes.map((shape) => post(server.url, shape));
    await server.until(4);
    server.turn();

    const bodies = await Promise.all(
      replies.map(async (reply) => {
        const response = await reply;
        expect([response.status, response.headers.get('retry-after'), response.headers.get('content-type')]).toEqual([
          503,
          '1',
          'application/json; charset=utf-8',
        ]);
        return (await response.json()) as Record<string, unknown>;
      }),
    );

    expect(bodies[0]).toMatchObject({ error: { type: 'server_error', code: 'overloaded' } });
    expect(bodies[1]).toMatchObject({ type: 'error', error: { type: 'overloaded_error' } });
    expect(bodies[2]).toMatchObject({ error: { code: 503, status: 'UNAVAILABLE' } });
    expect(bodies[3]).toMatchObject({ error: { code: 'overloaded' } });
    expect(server.drained).toHaveLength(0);
  });

  it('take a few milliseconds of each turn, and nobody is forgotten', async () => {
    const server = await start(1);
    let answered = 0;
    const replies = Array.from({ length: 10 }, async () => {
      await post(server.url, 'openai');
      answered += 1;
    });
    await server.until(10);

    server.turn();
    await Promise.race(replies);
    expect(answered).toBeLessThanOrEqual(4);
    for (let turn = 0; turn < 3; turn += 1) server.turn();
    await Promise.all(replies);
    expect(answered).toBe(10);
  });

  it('close the connection of a body that is not worth reading', async () => {
    const server = await start(0);
    const reply = new Promise<IncomingMessage>((resolve, reject) => {
      const request = httpRequest(`${server.url}/openai`, { method: 'POST', headers: { 'content-length': 1_000_000 } }, resolve);
      request.on('error', reject);
      request.write('{"model":');
    });
    await server.until(1);
    server.turn();

    const response = await reply;
    response.resume();
    expect([response.statusCode, response.headers.connection]).toEqual([503, 'close']);
    expect(server.drained).toHaveLength(1);
  });

  it('are not written to clients that have gone', async () => {
    const server = await start(0);
    const left = new AbortController();
    const gone = fetch(`${server.url}/openai`, { method: 'POST', body: '{}', signal: left.signal });
    await server.until(1);
    left.abort();
    await expect(gone).rejects.toThrow();
    const stays = post(server.url, 'openai');
    await server.until(2);

    server.turn();

    expect((await stays).status).toBe(503);
  });
});
