import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { isPlatformError, PlatformError } from '@maru/api/errors';
import { afterEach, describe, expect, it } from 'vitest';
import { createUpstream, type Upstream } from './upstream.ts';

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

const times = { connectTimeoutMs: 2000, headersTimeoutMs: 2000, bodyTimeoutMs: 2000 };

async function echo(): Promise<{ port: number; seen: { body: string; headers: Record<string, unknown> }[] }> {
  const seen: { body: string; headers: Record<string, unknown> }[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      seen.push({ body: Buffer.concat(chunks).toString('utf8'), headers: request.headers });
      response.end('ok');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(() => new Promise((resolve) => server.close(() => resolve())));
  return { port: (server.address() as AddressInfo).port, seen };
}

const open = (upstream: Upstream): Upstream => {
  closers.unshift(() => upstream.close());
  return upstream;
};

const post = (
  upstream: Upstream,
  body?: Uint8Array | readonly Uint8Array[] | AsyncIterable<Uint8Array>,
  signal = new AbortController().signal,
): Promise<unknown> =>
  upstream.request({ method: 'POST', path: '/', headers: {}, body, cancel: { signal } }).then(
    async (reply) => {
      for await (const _chunk of reply.body);
      return reply.status;
    },
    (error: unknown) => error,
  );

async function* pieces(): AsyncGenerator<Uint8Array, void, undefined> {
  yield Buffer.from('one ');
  await new Promise((resolve) => setImmediate(resolve));
  yield Buffer.from('two');
}

describe('createUpstream', () => {
  it('sends a body as it comes, without its length', async () => {
    const { port, seen } = await echo();

    expect(await post(open(createUpstream({ origin: `http://127.0.0.1:${port}`, ...times })), pieces())).toBe(200);

    expect(seen[0]?.body).toBe('one two');
    expect(seen[0]?.headers).toMatchObject({ 'transfer-encoding': 'chunked' });
  });

  it('sends a body in pieces with its length, also a large one', async () => {
    const { port, seen } = await echo();
    const upstream = open(createUpstream({ origin: `http://127.0.0.1:${port}`, ...times }));
    const large = 'x'.repeat(3_000_000);

    expect(await post(upstream, [Buffer.from('one '), Buffer.from(large), Buffer.from(' two')])).toBe(200);
    expect(await post(upstream, [Buffer.from('again')])).toBe(200);

    expect(seen[0]?.body).toBe(`one ${large} two`);
    expect(seen[0]?.headers).toMatchObject({ 'content-length': '3000008' });
    expect(seen[1]?.body).toBe('again');
  });

  it('hears that it is cancelled without a signal', async () => {
    const { port } = await echo();
    const upstream = open(createUpstream({ origin: `http://127.0.0.1:${port}`, ...times }));
    const never = new AbortController().signal;
    const gone = new PlatformError('cancelled', { message: 'gone' });
    const listening = Promise.withResolvers<(reason: unknown) => void>();
    const send = (onAbort: (callback: (reason: unknown) => void) => void) =>
      upstream.request({ method: 'POST', path: '/', headers: {}, cancel: { signal: never, onAbort } });
    const running = send(listening.resolve);
    void listening.promise.then((cancel) => cancel(gone));

    await expect(running).rejects.toBe(gone);
    await expect(send((callback) => callback(gone))).rejects.toBe(gone);
  });

  it('stops reading the body of a request that is aborted', async () => {
    const { port } = await echo();
    const controller = new AbortController();
    let stopped = false;
    async function* endless(): AsyncGenerator<Uint8Array, void, undefined> {
      try {
        yield Buffer.from('begin');
        controller.abort();
        for (;;) {
          await new Promise((resolve) => setImmediate(resolve));
          yield Buffer.from('x');
        }
      } finally {
        stopped = true;
      }
    }

    const outcome = await post(open(createUpstream({ origin: `http://127.0.0.1:${port}`, ...times })), endless(), controller.signal);
    for (let turn = 0; turn < 50 && !stopped; turn += 1) await new Promise((resolve) => setImmediate(resolve));

    expect(isPlatformError(outcome, 'cancelled')).toBe(true);
    expect(stopped).toBe(true);
  });

  it('reaches model servers in private networks', async () => {
    const { port } = await echo();
    const upstream = createUpstream({
      origin: `http://gpu-1.internal:${port}`,
      ...times,
      resolver: (_hostname, callback) => callback(null, [{ address: '127.0.0.1', family: 4 }]),
    });

    expect(await post(open(upstream))).toBe(200);
  });

  it.each(['http://169.254.169.254', 'http://[fe80::1]', 'http://2852039166'])('refuses the metadata service at %s', async (origin) => {
    expect(isPlatformError(await post(open(createUpstream({ origin, ...times }))), 'address_blocked')).toBe(true);
  });

  it('refuses a name that leads to the metadata service, when it connects', async () => {
    const upstream = createUpstream({
      origin: 'http://rebound.example.com',
      ...times,
      resolver: (_hostname, callback) => callback(null, [{ address: '169.254.169.254', family: 4 }]),
    });

    expect(isPlatformError(await post(open(upstream)), 'address_blocked')).toBe(true);
  });
});
