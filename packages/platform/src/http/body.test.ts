import { createServer, type IncomingMessage } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { isPlatformError } from '@maru/api/errors';
import { afterEach, describe, expect, it } from 'vitest';
import { parseJson, readBody } from './body.ts';
import { decodeBody } from './decode-body.ts';

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

/** A server that reads the body of its first request; `result` is what came of it. */
async function startReader(limitBytes: number): Promise<{ port: number; result: Promise<Buffer | Error>; arrived: Promise<void> }> {
  let arrive = (): void => undefined;
  const arrived = new Promise<void>((resolve) => {
    arrive = resolve;
  });
  let settle: (value: Buffer | Error) => void = () => undefined;
  const result = new Promise<Buffer | Error>((resolve) => (settle = resolve));
  const server = createServer((request: IncomingMessage, response) => {
    readBody(request, limitBytes).then(settle, settle);
    arrive();
    response.on('error', () => undefined);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(() => {
    server.close();
    server.closeAllConnections();
  });
  return { port: (server.address() as AddressInfo).port, result, arrived };
}

const head = (more: string): string => `POST / HTTP/1.1\r\nhost: x\r\n${more}\r\n\r\n`;

async function sendRaw(limitBytes: number, parts: readonly (string | Buffer)[], end = false): Promise<Buffer | Error> {
  const { port, result, arrived } = await startReader(limitBytes);
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined);
  closers.push(() => socket.destroy());
  for (const part of parts) socket.write(part);
  if (end) {
    await arrived;
    socket.destroy();
  }
  return result;
}

describe('readBody', () => {
  it('reads a body in one piece and in many', async () => {
    expect(String(await sendRaw(100, [head('content-length: 5'), 'hello']))).toBe('hello');
    expect(String(await sendRaw(100, [head('transfer-encoding: chunked'), '3\r\nhel\r\n', '2\r\nlo\r\n', '0\r\n\r\n']))).toBe('hello');
  });

  it('refuses a body that says that it is too large, before it comes', async () => {
    expect(isPlatformError(await sendRaw(10, [head('content-length: 11')]), 'body_too_large')).toBe(true);
  });

  it('refuses a body that is too large without saying so', async () => {
    expect(isPlatformError(await sendRaw(4, [head('transfer-encoding: chunked'), '3\r\nhel\r\n', '2\r\nlo\r\n']), 'body_too_large')).toBe(true);
  });

  it('says that the client has gone', async () => {
    expect(isPlatformError(await sendRaw(100, [head('content-length: 50'), 'half'], true), 'cancelled')).toBe(true);
  });

  it.each([
    ['gzip', gzipSync('hello')],
    ['deflate', deflateSync('hello')],
    ['br', brotliCompressSync('hello')],
    ['identity', Buffer.from('hello')],
  ])('unpacks %s', async (encoding, packed) => {
    expect(String(await sendRaw(100, [head(`content-encoding: ${encoding}\r\ncontent-length: ${packed.length}`), packed]))).toBe('hello');
  });
});

describe('decodeBody', () => {
  const failure = (packed: Buffer, encoding: string, limit: number): Promise<unknown> => decodeBody(packed, encoding, limit).catch((error: unknown) => error);

  it('stops a bomb at the limit', async () => {
    const bomb = gzipSync(Buffer.alloc(50_000_000));

    expect(bomb.length).toBeLessThan(100_000);
    expect(isPlatformError(await failure(bomb, 'gzip', 1_000_000), 'body_too_large')).toBe(true);
  });

  it('tells broken data from unknown encodings', async () => {
    expect(isPlatformError(await failure(Buffer.from('hello'), 'gzip', 100), 'invalid_request')).toBe(true);
    expect(isPlatformError(await failure(gzipSync('hello').subarray(0, 12), 'gzip', 100), 'invalid_request')).toBe(true);
    expect(isPlatformError(await failure(Buffer.from('x'), 'constructor', 100), 'unsupported_media_type')).toBe(true);
  });
});

describe('parseJson', () => {
  it('says where the mistake is without quoting the text', () => {
    const failure = (text: string): string => {
      try {
        parseJson(Buffer.from(text));
        return '';
      } catch (error) {
        return isPlatformError(error, 'invalid_json') ? error.message : String(error);
      }
    };

    expect(failure('{"password": "hunter2" oops}')).toMatch(/position 23/);
    expect(failure('hunter2')).not.toContain('hunter2');
    expect(failure('{"a": hunter2, "b": "some more text that is quite long"}')).not.toContain('hunter2');
    expect(parseJson(Buffer.from('{"a":1}'))).toEqual({ a: 1 });
  });
});
