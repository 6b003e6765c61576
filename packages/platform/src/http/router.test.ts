import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { sendError, sendJson } from './respond.ts';
import { createHttpRouter, type HttpRoute, splitUrl } from './router.ts';

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

const echo = (method: HttpRoute['method'], path: string): HttpRoute => ({
  method,
  path,
  handle: ({ response, params, query }) => sendJson(response, 200, { method, path, params, q: query.get('q') }),
});

async function start(routes: readonly HttpRoute[]): Promise<string> {
  const router = createHttpRouter(routes);
  const server = createServer((request, response) => void router.dispatch(request, response).catch((error: unknown) => sendError(response, error)));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(() => {
    server.close();
    server.closeAllConnections();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe('createHttpRouter', () => {
  const routes = [
    echo('GET', '/api/runs'),
    echo('POST', '/api/runs'),
    echo('GET', '/api/runs/{id}'),
    echo('GET', '/api/runs/last'),
    echo('GET', '/v1/models/{name+}'),
  ];

  it.each([
    ['/api/runs?q=a%20b', { path: '/api/runs', params: {}, q: 'a b' }],
    ['/api/runs/', { path: '/api/runs', params: {} }],
    ['/api/runs/7', { path: '/api/runs/{id}', params: { id: '7' } }],
    ['/api/runs/%ED%95%9C%2F', { path: '/api/runs/{id}', params: { id: '한/' } }],
    ['/api/runs/last', { path: '/api/runs/last', params: {} }],
    ['/v1/models/agent/guide', { path: '/v1/models/{name+}', params: { name: 'agent/guide' } }],
  ])('finds %s', async (path, expected) => {
    const url = await start(routes);

    expect(await (await fetch(url + path)).json()).toMatchObject(expected);
  });

  it('answers HEAD where there is GET', async () => {
    const url = await start(routes);

    expect((await fetch(`${url}/api/runs`, { method: 'HEAD' })).status).toBe(200);
  });

  it('names the methods that are allowed', async () => {
    const url = await start(routes);

    const response = await fetch(`${url}/api/runs`, { method: 'DELETE' });

    expect(response.status).toBe(405);
    expect(response.headers.get('allow')).toBe('GET, POST');
  });

  it.each(['/', '/api', '/api/runs/7/steps', '/api/runsx', '/v1/models'])('says that there is nothing at %s', async (path) => {
    const url = await start(routes);

    expect((await fetch(url + path)).status).toBe(404);
  });

  it('refuses broken percent-encoding', async () => {
    const url = await start(routes);

    expect((await fetch(`${url}/api/runs/%E0%A4%A`)).status).toBe(400);
  });

  it('takes letters in patterns for themselves', async () => {
    const url = await start([echo('GET', '/a.b/{id}')]);

    expect((await fetch(`${url}/axb/1`)).status).toBe(404);
    expect((await fetch(`${url}/a.b/1`)).status).toBe(200);
  });
});

describe('splitUrl', () => {
  it('keeps the root', () => {
    expect(splitUrl('/').path).toBe('/');
    expect(splitUrl('//').path).toBe('/');
  });
});
