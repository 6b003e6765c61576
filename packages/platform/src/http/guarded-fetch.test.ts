import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { isPlatformError } from '@maru/api/errors';
import { afterEach, describe, expect, it } from 'vitest';
import { createFakeClock, createSystemClock } from '#time';
import { createGuardedFetch, type GuardedFetchOptions, type GuardedRequest } from './guarded-fetch.ts';
import { isPublicAddress } from './public-address.ts';

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

async function startServer(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(
    () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  );
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function makeFetch(options: Partial<GuardedFetchOptions> = {}): (request: Partial<GuardedRequest> & { url: string }, signal?: AbortSignal) => Promise<unknown> {
  const guarded = createGuardedFetch({ clock: createSystemClock(), ...options });
  closers.push(() => guarded.close());
  return (request, signal = new AbortController().signal) => guarded.fetch({ method: 'GET', ...request }, signal).catch((error: unknown) => error);
}

const open = { privateHosts: ['127.0.0.1'] };

describe('isPublicAddress', () => {
  it.each(['8.8.8.8', '1.1.1.1', '2606:4700:4700::1111', '::ffff:8.8.8.8', '[2606:4700::1]'])('takes %s for public', (address) => {
    expect(isPublicAddress(address)).toBe(true);
  });

  it.each([
    '127.0.0.1',
    '127.8.8.8',
    '10.0.0.1',
    '172.16.0.1',
    '192.168.1.1',
    '169.254.169.254',
    '100.64.0.1',
    '0.0.0.0',
    '255.255.255.255',
    '224.0.0.1',
    '198.18.0.1',
    '192.0.2.1',
    '::1',
    '::',
    'fe80::1',
    'fe80::1%eth0',
    'fc00::1',
    'fd00:ec2::254',
    '::ffff:127.0.0.1',
    '::ffff:10.0.0.1',
    '::7f00:1',
    '64:ff9b::7f00:1',
    '2002:7f00:1::',
    'ff02::1',
    'example.com',
    '',
  ])('does not take %s for public', (address) => {
    expect(isPublicAddress(address)).toBe(false);
  });
});

describe('createGuardedFetch', () => {
  it('fetches', async () => {
    const host = await startServer((_request, response) => response.writeHead(200, { 'content-type': 'text/plain' }).end('hello'));

    expect(await makeFetch(open)({ url: `http://${host}/page` })).toMatchObject({
      status: 200,
      url: `http://${host}/page`,
      contentType: 'text/plain',
      body: Buffer.from('hello'),
      truncated: false,
    });
  });

  it.each([
    'http://127.0.0.1:1/',
    'http://localhost:1/',
    'http://[::1]:1/',
    'http://[::ffff:127.0.0.1]:1/',
    'http://2130706433:1/',
    'http://0x7f.1:1/',
    'http://0177.0.0.1:1/',
    'http://169.254.169.254/latest/meta-data/',
    'http://10.0.0.1/',
    'http://0.0.0.0:1/',
    'file:///etc/passwd',
    'ftp://example.com/',
    'data:text/plain,hello',
    'http://user:password@example.com/',
  ])('refuses %s', async (url) => {
    expect(isPlatformError(await makeFetch()({ url }), 'address_blocked')).toBe(true);
  });

  it('refuses a public name with a private address, when it connects', async () => {
    const fetchIt = makeFetch({ resolver: (_hostname, callback) => callback(null, [{ address: '127.0.0.1', family: 4 }]) });

    expect(isPlatformError(await fetchIt({ url: 'http://rebound.example.com/' }), 'address_blocked')).toBe(true);
  });

  it('refuses a name of which only one address is private', async () => {
    const fetchIt = makeFetch({
      resolver: (_hostname, callback) =>
        callback(null, [
          { address: '93.184.216.34', family: 4 },
          { address: '10.0.0.1', family: 4 },
        ]),
    });

    expect(isPlatformError(await fetchIt({ url: 'http://mixed.example.com/' }), 'address_blocked')).toBe(true);
  });

  it('refuses a redirect into a private network', async () => {
    const host = await startServer((_request, response) => response.writeHead(302, { location: 'http://169.254.169.254/' }).end());

    expect(isPlatformError(await makeFetch(open)({ url: `http://${host}/` }), 'address_blocked')).toBe(true);
  });

  it('refuses a redirect to a host that is not allowed', async () => {
    const host = await startServer((_request, response) => response.writeHead(302, { location: 'http://example.com/' }).end());

    expect(isPlatformError(await makeFetch(open)({ url: `http://${host}/`, allowHosts: ['127.0.0.1'] }), 'address_blocked')).toBe(true);
  });

  it('keeps to the list of allowed hosts, with wildcards', async () => {
    const fetchIt = makeFetch({ allowHosts: ['*.example.com'], resolver: (_hostname, callback) => callback(null, []) });

    expect(isPlatformError(await fetchIt({ url: 'http://example.org/' }), 'address_blocked')).toBe(true);
    expect(isPlatformError(await fetchIt({ url: 'http://badexample.com/' }), 'address_blocked')).toBe(true);
    expect(isPlatformError(await fetchIt({ url: 'http://api.example.com/' }), 'upstream_unreachable')).toBe(true);
  });

  it('leaves credentials behind when a redirect leads elsewhere', async () => {
    const seen: (string | undefined)[] = [];
    const second = await startServer((request, response) => {
      seen.push(request.headers.authorization);
      response.end('done');
    });
    const first = await startServer((request, response) => {
      seen.push(request.headers.authorization);
      response.writeHead(302, { location: `http://${second}/` }).end();
    });

    await makeFetch(open)({ url: `http://${first}/`, headers: { Authorization: 'Bearer x' } });

    expect(seen).toEqual(['Bearer x', undefined]);
  });

  it('sends a body again only where the redirect says so', async () => {
    const seen: string[] = [];
    const host = await startServer((request, response) => {
      seen.push(`${request.method} ${request.url}`);
      if (request.url === '/see-other') response.writeHead(303, { location: '/end' }).end();
      else if (request.url === '/keep') response.writeHead(307, { location: '/end' }).end();
      else response.end();
    });

    await makeFetch(open)({ url: `http://${host}/see-other`, method: 'POST', body: 'x' });
    await makeFetch(open)({ url: `http://${host}/keep`, method: 'POST', body: 'x' });

    expect(seen).toEqual(['POST /see-other', 'GET /end', 'POST /keep', 'POST /end']);
  });

  it('gives up in a circle of redirects', async () => {
    const host = await startServer((_request, response) => response.writeHead(302, { location: '/' }).end());

    expect(isPlatformError(await makeFetch(open)({ url: `http://${host}/` }), 'upstream_garbage')).toBe(true);
  });

  it('reads no more than its limit', async () => {
    const host = await startServer((_request, response) => response.end('x'.repeat(100_000)));

    const reply = (await makeFetch(open)({ url: `http://${host}/`, maxBytes: 1000 })) as { body: Buffer; truncated: boolean };

    expect(reply.body.length).toBe(1000);
    expect(reply.truncated).toBe(true);
  });

  it('unpacks no bomb', async () => {
    const host = await startServer((_request, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(Buffer.alloc(10_000_000))));

    expect(isPlatformError(await makeFetch(open)({ url: `http://${host}/`, maxBytes: 100_000 }))).toBe(true);
  });

  it('gives up after its time', async () => {
    const clock = createFakeClock();
    let arrived = (): void => undefined;
    const asked = new Promise<void>((resolve) => (arrived = resolve));
    const host = await startServer(() => arrived());

    const outcome = makeFetch({ ...open, clock, timeoutMs: 2000 })({ url: `http://${host}/` });
    await asked;
    await clock.advance(2001);

    expect(isPlatformError(await outcome, 'upstream_timeout')).toBe(true);
    expect(clock.pending()).toBe(0);
  });

  it('stops when its signal fires', async () => {
    let arrived = (): void => undefined;
    const asked = new Promise<void>((resolve) => (arrived = resolve));
    const host = await startServer(() => arrived());
    const controller = new AbortController();

    const outcome = makeFetch(open)({ url: `http://${host}/` }, controller.signal);
    await asked;
    controller.abort();

    expect(isPlatformError(await outcome, 'cancelled')).toBe(true);
    expect(isPlatformError(await makeFetch(open)({ url: `http://${host}/` }, AbortSignal.abort()), 'cancelled')).toBe(true);
  });

  it('says that nobody is there', async () => {
    expect(isPlatformError(await makeFetch(open)({ url: 'http://127.0.0.1:1/' }), 'upstream_unreachable')).toBe(true);
    expect(isPlatformError(await makeFetch()({ url: 'not a url' }), 'invalid_request')).toBe(true);
  });
});
