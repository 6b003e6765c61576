import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { createHttpServer } from '#http';
import { createSystemClock } from '#time';
import { createPlayedEngine, type PlayedEngine } from './__fixtures__/played-engine.ts';
import { attemptOf, startTestGateway, TEST_KEY, type TestGateway } from './__fixtures__/test-gateway.ts';
import { chatAnswer } from './__fixtures__/wire-samples.ts';

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

interface Started {
  readonly inner: TestGateway;
  readonly engine: PlayedEngine;
  readonly url: string;
  /** Sends these bytes over a socket and returns all that comes back until the server closes or answers. */
  raw(bytes: string, until?: RegExp): Promise<string>;
}

/** The gateway behind the server of the platform, with its limits. */
async function start(more: { maxBodyBytes?: number; headersTimeoutMs?: number; requestTimeoutMs?: number } = {}): Promise<Started> {
  const engine = createPlayedEngine({ play: { json: chatAnswer } });
  const inner = await startTestGateway({
    attempts: () => [attemptOf(engine)],
    ...(more.maxBodyBytes === undefined ? {} : { maxBodyBytes: more.maxBodyBytes }),
  });
  const server = await createHttpServer({
    host: '127.0.0.1',
    port: 0,
    clock: createSystemClock(),
    drainMs: 10,
    ...(more.headersTimeoutMs === undefined ? {} : { headersTimeoutMs: more.headersTimeoutMs }),
    ...(more.requestTimeoutMs === undefined ? {} : { requestTimeoutMs: more.requestTimeoutMs }),
    handler: (request, response) => inner.gateway.handle(request, response),
  });
  closers.push(
    () => server.close(),
    () => inner.close(),
  );
  const raw = (bytes: string, until = /\r\n\r\n/): Promise<string> =>
    new Promise((resolve) => {
      const socket = connect(server.port, '127.0.0.1', () => socket.write(bytes));
      let text = '';
      const end = (): void => {
        socket.destroy();
        resolve(text);
      };
      socket.on('data', (chunk) => {
        text += chunk.toString('latin1');
        if (until.test(text)) end();
      });
      socket.on('error', end);
      socket.on('close', end);
    });
  return { inner, engine, url: server.url, raw };
}

const body = JSON.stringify({ model: 'sim-8b', messages: [{ role: 'user', content: 'Hi' }] });
const headOf = (...headers: readonly string[]): string =>
  `POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${TEST_KEY}\r\ncontent-type: application/json\r\n${headers.map((header) => `${header}\r\n`).join('')}\r\n`;

describe('a request that tries to be two', () => {
  it.each([
    ['two lengths', [`content-length: ${body.length}`, 'content-length: 4'], body],
    ['a length and chunks', [`content-length: ${body.length}`, 'transfer-encoding: chunked'], `0\r\n\r\nGET /v1/models HTTP/1.1\r\nhost: x\r\n\r\n`],
    ['chunks that are not the last encoding', ['transfer-encoding: chunked, identity'], body],
    ['a folded header', ['x-a: b', ' content-length: 4', `content-length: ${body.length}`], body],
    ['a space before the colon', ['content-length : 4', `content-length: ${body.length}`], body],
    ['a zero byte in a header', [`x-a: \0`, `content-length: ${body.length}`], body],
    ['a bare line feed', [`content-length: ${body.length}\nx-a: b`], body],
    ['a length that is no number', ['content-length: +20'], body],
  ])('is refused: %s', async (_name, headers, content) => {
    const { raw, engine } = await start();

    const answer = await raw(headOf(...headers) + content);

    expect(answer).toMatch(/^HTTP\/1\.1 4\d\d /);
    expect(answer.match(/HTTP\/1\.1 /g)).toHaveLength(1);
    expect(engine.calls).toEqual([]);
  });
});

describe('what a client says about itself', () => {
  it('does not reach the engine, and never as a header of its own', async () => {
    const { url, engine } = await start();
    const headers = {
      authorization: `Bearer ${TEST_KEY}`,
      'content-type': 'application/json',
      'x-forwarded-for': '1.2.3.4',
      'x-maru-tenant': 'root',
      'x-api-key': 'sk-other',
      'anthropic-beta': 'x',
      'openai-organization': 'org',
      cookie: 'a=b',
      traceparent: 'nonsense',
      'x-request-id': 'a b"c',
    };

    const response = await fetch(`${url}/v1/chat/completions`, { method: 'POST', headers, body });

    expect(Object.keys(engine.calls[0]?.headers ?? {}).sort()).toEqual(['traceparent', 'x-request-id']);
    expect(engine.calls[0]?.headers['x-request-id']).toBe('req_000001');
    expect(response.headers.get('x-request-id')).toBe('req_000001');
  });

  it('counts once: the first of two keys', async () => {
    const { raw, inner } = await start();

    const answer = await raw(headOf('authorization: Bearer sk-wrong', `content-length: ${body.length}`) + body);

    expect(answer).toMatch(/^HTTP\/1\.1 200 /);
    expect(inner.log.admitted).toHaveLength(1);
  });
});

describe('a request that is too large', () => {
  it('is refused with its headers', async () => {
    const { raw, engine } = await start();

    expect(await raw(headOf(`x-big: ${'x'.repeat(40_000)}`, `content-length: ${body.length}`) + body)).toMatch(/^HTTP\/1\.1 4\d\d /);
    expect(engine.calls).toEqual([]);
  });

  it.each([
    ['at its length', { 'content-length': '5000' }, '{'],
    ['in chunks without a length', { 'transfer-encoding': 'chunked' }, `1000\r\n${'x'.repeat(4096)}\r\n`],
  ])('is refused %s', async (_name, header, content) => {
    const { raw, engine } = await start({ maxBodyBytes: 1000 });

    const answer = await raw(headOf(...Object.entries(header).map(([name, value]) => `${name}: ${value}`)) + content);

    expect(answer).toMatch(/^HTTP\/1\.1 413 /);
    expect(engine.calls).toEqual([]);
  });

  it('is refused when it unpacks to too much, and before it is unpacked whole', async () => {
    const { url, engine } = await start({ maxBodyBytes: 100_000 });
    const bomb = gzipSync(Buffer.alloc(40_000_000));
    const before = process.memoryUsage().arrayBuffers;

    const response = await fetch(`${url}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${TEST_KEY}`, 'content-type': 'application/json', 'content-encoding': 'gzip' },
      body: new Uint8Array(bomb),
    });

    expect(response.status).toBe(413);
    expect(engine.calls).toEqual([]);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(30_000_000);
  });

  it.each(['zstd', 'gzip, gzip', 'compress'])('is refused packed as %s', async (encoding) => {
    const { url } = await start();

    const response = await fetch(`${url}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${TEST_KEY}`, 'content-type': 'application/json', 'content-encoding': encoding },
      body: 'x',
    });

    expect(response.status).toBe(415);
  });

  it.each([
    ['deep', '['.repeat(100_000)],
    ['of many names', `{"model":"sim-8b","messages":[],${Array.from({ length: 20_000 }, (_, index) => `"k${index}":1`).join(',')}}`],
    ['of one long name', `{"${'a'.repeat(1_000_000)}":1}`],
  ])('does not stop the gateway: %s', async (_name, content) => {
    const { inner } = await start();

    const response = await inner.post('/v1/chat/completions', content);

    expect([200, 400]).toContain(response.status);
    expect(inner.gateway.active()).toBe(0);
  });
});

describe('a request that comes too slowly', () => {
  it('loses its connection while its headers are not complete', async () => {
    const { raw, engine } = await start({ headersTimeoutMs: 50 });

    const answer = await raw('POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nx-slow: ', /never/);

    expect(answer === '' || answer.startsWith('HTTP/1.1 4')).toBe(true);
    expect(engine.calls).toEqual([]);
  });

  it('loses its connection while its body is not complete', async () => {
    const { raw, engine, inner } = await start({ headersTimeoutMs: 50, requestTimeoutMs: 100 });

    await raw(`${headOf('content-length: 1000')}{"model":`, /never/);
    while (inner.gateway.active() > 0) await new Promise((resolve) => setImmediate(resolve));

    expect(engine.calls).toEqual([]);
  });
});
