import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createSecureServer } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createSelfSigned } from '#http';
import { createFakeClock, createSeededIds } from '#time';
import { connectKube } from './connect-kube.ts';
import type { Kube } from './kube.ts';

type Reply = (request: IncomingMessage, response: ServerResponse) => void;

const V1 = JSON.stringify({
  resources: [
    { name: 'configmaps', kind: 'ConfigMap', namespaced: true },
    { name: 'configmaps/status', kind: 'ConfigMap', namespaced: true },
    { name: 'nodes', kind: 'Node', namespaced: false },
  ],
});
const ref = { apiVersion: 'v1', kind: 'ConfigMap', namespace: 'ns', name: 'a' };

describe('connectKube', () => {
  let server: Server;
  let origin: string;
  let requests: string[];
  let replies: Record<string, Reply>;
  let kube: Kube;

  beforeEach(async () => {
    requests = [];
    replies = { '/api/v1': (_request, response) => void response.end(V1) };
    server = createServer((request, response) => {
      requests.push(`${request.method} ${request.url} ${request.headers.authorization ?? ''}`.trim());
      const reply = replies[(request.url ?? '').split('?')[0] ?? ''];
      if (reply === undefined) response.writeHead(404).end('{}');
      else reply(request, response);
    });
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    kube = await connectKube({ type: 'token', server: origin, token: 'secret' });
  });
  afterEach(async () => {
    server.closeAllConnections();
    await kube.close();
    await new Promise((resolve) => {
      server.close(resolve);
    });
  });
  const path = '/api/v1/namespaces/ns/configmaps/a';

  it('asks once where a kind lives, and sends its token each time', async () => {
    replies[path] = (_request, response) => void response.end('{"kind":"ConfigMap"}');
    await kube.get(ref);
    await kube.get(ref);
    expect(requests).toEqual(['GET /api/v1 Bearer secret', `GET ${path} Bearer secret`, `GET ${path} Bearer secret`]);
  });

  it('asks again for a kind that was not there, since a CRD may come at any time', async () => {
    const custom = { apiVersion: 'maru.dev/v1alpha1', kind: 'Model', namespace: 'ns', name: 'a' };
    expect(await kube.get(custom)).toBeUndefined();
    replies['/apis/maru.dev/v1alpha1'] = (_request, response) =>
      void response.end(JSON.stringify({ resources: [{ name: 'models', kind: 'Model', namespaced: true }] }));
    replies['/apis/maru.dev/v1alpha1/namespaces/ns/models/a'] = (_request, response) => void response.end('{"kind":"Model"}');
    expect(await kube.get(custom)).toMatchObject({ kind: 'Model' });
  });

  it('follows the pages of a list', async () => {
    replies['/api/v1/namespaces/ns/configmaps'] = (request, response) => {
      const next = new URL(request.url ?? '', origin).searchParams.get('continue');
      response.end(
        JSON.stringify(
          next === null
            ? { metadata: { continue: 'more', resourceVersion: '5' }, items: [{ metadata: { name: 'a' } }] }
            : { metadata: { resourceVersion: '5' }, items: [{ metadata: { name: 'b' } }] },
        ),
      );
    };
    const list = await kube.list({ apiVersion: 'v1', kind: 'ConfigMap', namespace: 'ns' });
    expect(list).toEqual({
      resourceVersion: '5',
      items: [
        { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' } },
        { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'b' } },
      ],
    });
  });

  it('puts events together that arrive in pieces, and ends when the server does', async () => {
    replies['/api/v1/namespaces/ns/configmaps'] = (_request, response) => {
      const line = `${JSON.stringify({ type: 'ADDED', object: { kind: 'ConfigMap', metadata: { name: 'é', resourceVersion: '1' } } })}\n`;
      const bytes = Buffer.from(line + line);
      response.write(bytes.subarray(0, 70));
      setImmediate(() => response.end(bytes.subarray(70)));
    };
    const names: string[] = [];
    for await (const event of kube.watch({ apiVersion: 'v1', kind: 'ConfigMap', namespace: 'ns' }, '0')) names.push(event.object.metadata.name);
    expect(names).toEqual(['é', 'é']);
  });

  it('turns an ERROR event into an error with its status', async () => {
    replies['/api/v1/namespaces/ns/configmaps'] = (_request, response) =>
      void response.end(`${JSON.stringify({ type: 'ERROR', object: { kind: 'Status', code: 410, message: 'too old resource version' } })}\n`);
    const watch = async (): Promise<void> => {
      for await (const _event of kube.watch({ apiVersion: 'v1', kind: 'ConfigMap', namespace: 'ns' }, '0'));
    };
    await expect(watch()).rejects.toMatchObject({ code: 'cluster_rejected', details: { status: 410 } });
  });

  it.each([
    [401, 'cluster_rejected', {}],
    [403, 'cluster_rejected', {}],
    [409, 'conflict', {}],
    [422, 'cluster_rejected', { details: { causes: [{ field: 'spec.x', message: 'Required value' }] } }],
    [429, 'cluster_unreachable', { details: { retryAfterSeconds: 7 } }],
    [500, 'cluster_unreachable', {}],
    [503, 'cluster_unreachable', {}],
  ])('answers %i with %s and the words of the server', async (status, code, extra) => {
    replies[path] = (_request, response) => void response.writeHead(status).end(JSON.stringify({ kind: 'Status', message: 'because', reason: 'R', ...extra }));
    const error: unknown = await kube.get(ref).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ code, message: `GET ${path}: because`, details: { status, reason: 'R' } });
    if (status === 422) expect(error).toMatchObject({ details: { fields: [{ field: 'spec.x', message: 'Required value' }] } });
    if (status === 429) expect(error).toMatchObject({ retryAfterS: 7 });
  });

  it('says so when something else than an API server answers', async () => {
    replies[path] = (_request, response) => void response.end('<html>login</html>');
    await expect(kube.get(ref)).rejects.toMatchObject({ code: 'cluster_rejected', message: expect.stringContaining('is not JSON') });
  });

  it('says so when nobody answers, or the answer is cut', async () => {
    replies[path] = (_request, response) => {
      response.writeHead(200, { 'content-length': '1000' });
      response.write('{"kind"');
      setImmediate(() => response.destroy());
    };
    await expect(kube.get(ref)).rejects.toMatchObject({ code: 'cluster_unreachable', message: expect.stringContaining(origin) });
    const nowhere = await connectKube({ type: 'token', server: 'http://127.0.0.1:1', token: 't' });
    await expect(nowhere.get(ref)).rejects.toMatchObject({ code: 'cluster_unreachable' });
    await nowhere.close();
  });

  it('stops at once when it is told to', async () => {
    const abort = new AbortController();
    replies[path] = () => abort.abort();
    await expect(kube.get(ref, { signal: abort.signal })).rejects.toMatchObject({ code: 'cancelled' });
  });

  it('refuses a name without a namespace where the kind has one', async () => {
    await expect(kube.get({ apiVersion: 'v1', kind: 'ConfigMap', name: 'a' })).rejects.toMatchObject({
      code: 'cluster_rejected',
      message: 'ConfigMap a needs a namespace',
    });
  });

  it('sends names as one segment of the path', async () => {
    await kube.get({ ...ref, name: '../secrets/a' });
    expect(requests.at(-1)).toContain('/configmaps/..%2Fsecrets%2Fa');
  });

  describe('with a kubeconfig', () => {
    const folder = mkdtempSync(join(tmpdir(), 'maru-kubeconfig-'));
    afterAll(() => rmSync(folder, { recursive: true, force: true }));

    it('uses the server and the token of the context', async () => {
      const file = join(folder, 'config');
      writeFileSync(
        file,
        JSON.stringify({
          'current-context': 'one',
          clusters: [{ name: 'c', cluster: { server: origin, 'insecure-skip-tls-verify': true } }],
          users: [{ name: 'u', user: { token: 'from-file' } }],
          contexts: [{ name: 'one', context: { cluster: 'c', user: 'u' } }],
        }),
      );
      const connected = await connectKube({ type: 'kubeconfig', path: file });
      await connected.serves('v1', 'ConfigMap');
      expect(requests.at(-1)).toBe('GET /api/v1 Bearer from-file');
      await connected.close();
      await expect(connectKube({ type: 'kubeconfig', path: file, context: 'two' })).rejects.toMatchObject({
        code: 'config_invalid',
        message: expect.stringContaining('it has one'),
      });
    });

    it('says which file can not be read', async () => {
      await expect(connectKube({ type: 'kubeconfig', path: '/nowhere/config' })).rejects.toMatchObject({
        code: 'config_invalid',
        message: expect.stringContaining('/nowhere/config'),
      });
    });
  });

  describe('of an API server that offers HTTP/2', () => {
    const { certificate, key } = createSelfSigned('kube.test', { clock: createFakeClock(Date.UTC(2026, 0, 2)), ids: createSeededIds() });
    const folder = mkdtempSync(join(tmpdir(), 'maru-kubeconfig-'));
    afterAll(() => rmSync(folder, { recursive: true, force: true }));

    it.each(['token', 'kubeconfig'] as const)('speaks HTTP/1.1, by %s', async (type) => {
      const versions: string[] = [];
      const secure = createSecureServer({ cert: certificate, key, allowHTTP1: true }, (request, response) => {
        versions.push(request.httpVersion);
        response.end(V1);
      });
      await new Promise<void>((resolve) => {
        secure.listen(0, '127.0.0.1', resolve);
      });
      const server = `https://127.0.0.1:${(secure.address() as AddressInfo).port}`;
      const path = join(folder, 'config');
      writeFileSync(
        path,
        JSON.stringify({
          'current-context': 'one',
          clusters: [{ name: 'c', cluster: { server, 'certificate-authority-data': certificate.toString('base64'), 'tls-server-name': 'kube.test' } }],
          users: [{ name: 'u', user: { username: 'me', password: 'mine' } }],
          contexts: [{ name: 'one', context: { cluster: 'c', user: 'u' } }],
        }),
      );
      const connected = await connectKube(type === 'token' ? { type, server, token: 'secret', insecureSkipTlsVerify: true } : { type, path });
      expect(await connected.serves('v1', 'ConfigMap')).toBe(true);
      expect(versions).toEqual(['1.1']);
      await connected.close();
      await new Promise((resolve) => {
        secure.close(resolve);
      });
    });
  });

  it('says so when it is not in a pod', async () => {
    await expect(connectKube({ type: 'in-cluster' })).rejects.toMatchObject({
      code: 'config_invalid',
      message: expect.stringContaining('does not run in a Kubernetes pod'),
    });
  });
});
