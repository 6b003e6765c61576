import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PlatformError } from '@maru/api/errors';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { PassThroughRule } from '#resources';
import { silentLog } from '#telemetry';
import { createSeededIds } from '#time';
import { createPassThrough, type PassThrough } from './pass-through.ts';

interface Seen {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

const listen = async (handler: (request: IncomingMessage, response: ServerResponse) => void) => {
  const server = createServer(handler);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close };
};

describe('a pass-through', () => {
  const seen: Seen[] = [];
  const money: string[] = [];
  let service: Awaited<ReturnType<typeof listen>>;
  let front: Awaited<ReturnType<typeof listen>>;
  let passThrough: PassThrough;
  let rules: PassThroughRule[];
  let answer: (response: ServerResponse) => void;

  beforeEach(async () => {
    seen.length = 0;
    money.length = 0;
    answer = (response) => void response.writeHead(200, { 'content-type': 'application/json', 'set-cookie': 'a=b', 'x-own': 'yes' }).end('{"ok":true}');
    service = await listen((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        seen.push({ method: request.method, url: request.url, headers: request.headers, body: Buffer.concat(chunks).toString() });
        answer(response);
      });
    });
    rules = [rule({ path: '/v1/search', target: `${service.url}/find?lang=ko` })];
    passThrough = createPassThrough({
      authenticator: {
        authenticate: (key) => {
          if (key !== 'sk-good') throw new PlatformError('unauthenticated', { message: 'the key is not valid' });
          return { tenant: 'red', keyId: 'key_1' };
        },
      },
      meter: {
        admit: ({ principal, rule: { usdPerRequest } }) => {
          if (usdPerRequest > 10) throw new PlatformError('quota_exceeded', { message: 'the budget is spent', retryAfterS: 3 });
          money.push(`admit ${principal.keyId} ${usdPerRequest}`);
          return {
            headers: { 'x-ratelimit-remaining-requests': '4' },
            settle: (outcome) => void money.push(`settle ${outcome}`),
            release: () => void money.push('release'),
          };
        },
      },
      rules: () => rules,
      ids: createSeededIds(),
      log: silentLog,
      maxBodyBytes: 1000,
    });
    front = await listen((request, response) => {
      void passThrough.handle(request, response).then((handled) => handled || response.writeHead(404).end('nobody'));
    });
  });
  afterEach(async () => {
    await front.close();
    await passThrough.close();
    await service.close();
  });

  const rule = (more: Partial<PassThroughRule>): PassThroughRule => ({
    path: '/v1/search',
    target: service.url,
    headers: { authorization: 'Bearer upstream-secret' },
    subpaths: false,
    forwardHeaders: false,
    methods: ['GET', 'POST'],
    usdPerRequest: 0.01,
    ...more,
  });
  const ask = (path: string, more: RequestInit & { headers?: Record<string, string> } = {}) =>
    fetch(front.url + path, { ...more, headers: { authorization: 'Bearer sk-good', ...more.headers } });

  it('sends body and query on with its own key, and never the key of the client', async () => {
    const response = await ask('/v1/search?q=1', {
      method: 'POST',
      body: '{"a":1}',
      headers: { 'content-type': 'application/json', cookie: 'x=y', 'x-mine': '1' },
    });

    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ ok: true });
    expect(response.headers.get('x-own')).toBe('yes');
    expect(response.headers.get('x-ratelimit-remaining-requests')).toBe('4');
    expect(response.headers.has('set-cookie')).toBe(false);
    expect(seen[0]).toMatchObject({ method: 'POST', url: '/find?lang=ko&q=1', body: '{"a":1}' });
    expect(seen[0]?.headers.authorization).toBe('Bearer upstream-secret');
    expect(JSON.stringify(seen[0]?.headers)).not.toMatch(/sk-good|x=y|x-mine/);
    expect(money).toEqual(['admit key_1 0.01', 'settle ok']);
  });

  it('sends headers of the client on where the rule says so, but for its keys', async () => {
    rules = [rule({ forwardHeaders: true, headers: {} })];

    await ask('/v1/search', { headers: { 'x-mine': '1', 'x-api-key': 'sk-good', cookie: 'x=y' } });

    expect(seen[0]?.headers['x-mine']).toBe('1');
    expect(JSON.stringify(seen[0]?.headers)).not.toMatch(/sk-good|x=y/);
  });

  it('needs a key, before anything leaves', async () => {
    expect((await ask('/v1/search', { headers: { authorization: 'Bearer sk-bad' } })).status).toBe(401);
    expect((await fetch(`${front.url}/v1/search?key=sk-good`)).status).toBe(401);
    expect(seen).toEqual([]);
    expect(money).toEqual([]);
  });

  it('refuses what the budget does not hold, and charges nothing', async () => {
    rules = [rule({ usdPerRequest: 11 })];

    const response = await ask('/v1/search');

    expect(response.status).toBe(402);
    expect(seen).toEqual([]);
    expect(money).toEqual([]);
  });

  it('charges nothing for what the service refuses, and passes the refusal on', async () => {
    answer = (response) => void response.writeHead(422).end('no');

    const response = await ask('/v1/search');

    expect([response.status, await response.text()]).toEqual([422, 'no']);
    expect(money).toEqual(['admit key_1 0.01', 'release']);
  });

  it('never makes a cut answer look complete, and charges it once', async () => {
    answer = (response) => {
      response.writeHead(200);
      response.write('half', () => response.destroy());
    };

    await expect(ask('/v1/search').then((response) => response.text())).rejects.toThrow();
    await expect.poll(() => money).toEqual(['admit key_1 0.01', 'settle error']);
  });

  it('answers 502 for a service that is not there, and charges nothing', async () => {
    rules = [rule({ target: 'http://127.0.0.1:1' })];

    expect((await ask('/v1/search')).status).toBe(502);
    expect(money).toEqual(['admit key_1 0.01', 'release']);
  });

  it('takes what stands behind its path only where the rule says so, and never leaves the folder of its target', async () => {
    expect((await ask('/v1/search/deep')).status).toBe(404);

    rules = [rule({ subpaths: true, target: `${service.url}/base` })];
    expect((await ask('/v1/search/deep/er')).status).toBe(200);
    expect((await ask('/v1/search/%2e%2e/secret')).status).toBe(404);
    expect((await ask('/v1/search/a%2f..%2f..%2fb')).status).toBe(404);
    expect((await ask('/v1/search//elsewhere.example/x')).status).toBe(404);
    expect((await ask('/v1/searches')).status).toBe(404);
    expect(seen.map(({ url }) => url)).toEqual(['/base/deep/er']);
  });

  it('takes the longest path that fits', async () => {
    rules = [rule({ subpaths: true, target: `${service.url}/wide` }), rule({ path: '/v1/search/narrow', target: `${service.url}/narrow` })];

    await ask('/v1/search/narrow');

    expect(seen[0]?.url).toBe('/narrow');
  });

  it('refuses other methods, bodies that are too long, and the metadata service of a cloud', async () => {
    expect((await ask('/v1/search', { method: 'DELETE' })).status).toBe(405);
    expect((await ask('/v1/search', { method: 'POST', body: 'x'.repeat(2000) })).status).toBe(413);
    rules = [rule({ target: 'http://169.254.169.254/latest' })];
    expect((await ask('/v1/search')).status).toBeGreaterThanOrEqual(400);
    expect(seen).toEqual([]);
    expect(money.filter((line) => line.startsWith('settle'))).toEqual([]);
  });

  it('follows no redirect', async () => {
    answer = (response) => void response.writeHead(302, { location: 'http://169.254.169.254/' }).end();

    const response = await ask('/v1/search', { redirect: 'manual' });

    expect(response.status).toBe(302);
    expect(seen).toHaveLength(1);
  });
});
