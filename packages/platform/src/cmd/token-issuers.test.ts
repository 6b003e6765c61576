import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { readConfig } from '#config';
import { createSystemClock } from '#time';
import { startIssuer, type TestIssuer } from '../../../../test/harness/token-issuer.ts';
import { type Platform, startPlatform } from './platform.ts';

const folder = mkdtempSync(join(tmpdir(), 'maru-tokens-'));
const stack = (issuer: string): string => `apiVersion: maru.dev/v1alpha1
kind: Model
metadata: {name: reader}
spec: {serving: {engine: reader}}
---
apiVersion: maru.dev/v1alpha1
kind: Model
metadata: {name: sim}
spec:
  serving: {engine: twin, twin: {speed: 50}}
  price: {inputUsdPerMillion: 1, outputUsdPerMillion: 3}
---
apiVersion: maru.dev/v1alpha1
kind: Route
metadata: {name: auto}
spec:
  backends:
    - {model: sim, when: {claims: {plan: pro}}, reason: paid}
    - {model: sim, when: {expression: '"ml" in claims.groups'}, reason: group}
    - {model: reader, reason: everybody}
---
apiVersion: maru.dev/v1alpha1
kind: Tenant
metadata: {name: acme}
spec: {level: organisation}
---
apiVersion: maru.dev/v1alpha1
kind: Tenant
metadata: {name: search}
spec: {parent: acme, models: [auto, reader, sim], limits: {perModel: {reader: {requestsPerMinute: 1}}}, budgets: [{usd: 1}]}
---
apiVersion: maru.dev/v1alpha1
kind: TokenIssuer
metadata: {name: login}
spec:
  issuer: ${issuer}
  audiences: [maru]
  jwksUrl: ${issuer}/jwks
  condition: claims.email_verified == true
  within: acme
  map: {tenant: claims.team, user: claims.email}
`;

let issuer: TestIssuer;
let platform: Platform;
const lines: string[] = [];
const realWrite = process.stdout.write.bind(process.stdout);
const realError = process.stderr.write.bind(process.stderr);
const clock = createSystemClock();
const person = { team: 'search', email: 'ada@acme.com', email_verified: true };

const send = (path: string, token: string, init: RequestInit = {}): Promise<Response> =>
  fetch(`${platform.url}${path}`, {
    ...init,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...(init.headers as Record<string, string> | undefined) },
  });
const chat = (token: string, model = 'auto', body: object = {}): Promise<Response> =>
  send('/v1/chat/completions', token, {
    method: 'POST',
    body: JSON.stringify({ model, max_tokens: 5, messages: [{ role: 'user', content: 'hello' }], ...body }),
  });
const errorOf = async (response: Promise<Response>): Promise<string> => {
  const { error } = (await (await response).json()) as { error: { code: string; message: string } };
  return `${(await response).status} ${error.code}: ${error.message}`;
};

beforeAll(async () => {
  issuer = await startIssuer({ clock });
  const file = join(folder, 'stack.yaml');
  writeFileSync(file, stack(issuer.url));
  // What the platform logs goes to the streams of the process.
  const listen = (real: typeof realWrite) =>
    ((chunk: string | Uint8Array, ...rest: never[]) => {
      lines.push(String(chunk));
      return real(chunk, ...rest);
    }) as typeof process.stdout.write;
  process.stdout.write = listen(realWrite);
  process.stderr.write = listen(realError);
  const config = readConfig(
    { port: '0', dataDir: join(folder, 'data') },
    { MARU_LOG_LEVEL: 'error', MARU_ALLOW_HOSTS: '127.0.0.1', MARU_CAPTURE_CONTENT: 'true' },
  );
  platform = await startPlatform({ config, files: [file], version: '0.0.0', say: (text) => void lines.push(text) });
}, 60_000);

afterAll(async () => {
  await platform.close();
  await issuer.close();
  process.stdout.write = realWrite;
  process.stderr.write = realError;
  rmSync(folder, { recursive: true, force: true });
});

describe('tokens of an identity provider', () => {
  it('are keys: their claims choose the route, and their team and user pay', async () => {
    const plain = await chat(await issuer.sign(person));
    const paid = await chat(await issuer.sign({ ...person, plan: 'pro' }));
    const group = await chat(await issuer.sign({ ...person, groups: ['ml'] }));

    expect([plain, paid, group].map((response) => response.headers.get('x-maru-route-reason')?.split(':', 1)[0])).toEqual(['everybody', 'paid', 'group']);
    await vi.waitFor(async () => {
      const { total } = (await (await send('/api/v1/accounts/user/ada@acme.com/spend', platform.masterKey)).json()) as { total: { requests: number } };
      expect(total.requests).toBe(3);
    });
    const { items } = (await (await send('/api/v1/keys', platform.masterKey)).json()) as { items: { name: string; tenant: string; spentNanoUsd: number }[] };
    expect(items).toMatchObject([{ name: 'ada@acme.com', tenant: 'search', user: 'ada@acme.com' }]);
  });

  it('are held to the limits of their team, on every wire format and header', async () => {
    const token = await issuer.sign({ ...person, sub: 'u-2' });
    const messages = { 'anthropic-version': '2023-06-01', 'x-api-key': token, authorization: '' };
    const first = await send('/v1/messages', token, {
      method: 'POST',
      headers: messages,
      body: JSON.stringify({ model: 'reader', max_tokens: 5, messages: [{ role: 'user', content: 'hi' }] }),
    });

    expect(first.status).toBe(200);
    expect(await errorOf(chat(token, 'reader'))).toMatch(/^429 rate_limited/);
    expect(await errorOf(chat(await issuer.sign({ ...person, sub: 'u-3' }), 'reader'))).toMatch(/^429 rate_limited/);
    expect((await chat(token, 'sim')).status).toBe(200);
  });

  it('list the models that they may use, and never open the doors of the administrator', async () => {
    const token = await issuer.sign(person);
    const { data } = (await (await send('/v1/models', token)).json()) as { data: { id: string }[] };

    expect(data.map((model) => model.id).sort()).toEqual(['auto', 'reader', 'sim']);
    expect(await errorOf(send('/api/v1/keys', token))).toMatch(/^403 forbidden/);
    expect((await send('/api/v1/models', token)).status).toBe(200);
  });

  it.each([
    ['for another audience', { aud: 'mail' }, /^401 unauthenticated: the token is for "mail", not for "maru"/],
    ['that have expired', { exp: 1_700_000_000 }, /^401 unauthenticated: the token has expired at 2023-11-14T22:13:20.000Z: sign in again/],
    ['of an issuer that nobody trusts', { iss: 'https://evil.example' }, /^401 unauthenticated: no TokenIssuer trusts the issuer "https:\/\/evil.example"/],
    ['without what the issuer must say', { email_verified: false }, /^403 forbidden: the claims of the token do not fulfil the condition/],
    ['of a team elsewhere', { team: 'default' }, /^403 forbidden: the token is for the tenant "default", which does not stand below "acme"/],
  ])('%s get one clear error', async (_what, claims, message) => {
    const response = chat(await issuer.sign({ ...person, ...claims }));

    expect(await errorOf(response)).toMatch(message);
    if ((await response).status === 401) expect((await response).headers.get('www-authenticate')).toBe('Bearer error="invalid_token"');
  });

  it('go on working while the issuer changes its keys, old ones and new ones', async () => {
    const old = await issuer.sign({ ...person, sub: 'u-4' });
    await issuer.rotate({ alg: 'RS256' });

    expect((await chat(old, 'sim')).status).toBe(200);
    expect((await chat(await issuer.sign({ ...person, sub: 'u-5' }), 'sim')).status).toBe(200);
    expect((await chat(old, 'sim')).status).toBe(200);
  });

  it('can be blocked and let in again by their key', async () => {
    const token = await issuer.sign(person);
    const { items } = (await (await send('/api/v1/keys', platform.masterKey)).json()) as { items: { id: string; name: string }[] };
    const id = items.find((key) => key.name === 'ada@acme.com')?.id ?? '';
    const block = (blocked: boolean) => send(`/api/v1/keys/${id}`, platform.masterKey, { method: 'PATCH', body: JSON.stringify({ blocked }) });

    expect((await block(true)).status).toBe(200);
    expect(await errorOf(chat(token, 'sim'))).toMatch(/^403 key_blocked/);
    expect((await block(false)).status).toBe(200);
    expect((await chat(token, 'sim')).status).toBe(200);
  });

  it('stand in no log, trace, charge, decision or answer', async () => {
    const token = await issuer.sign({ ...person, sub: 'canary' });
    const parts = token.split('.');
    const response = await chat(token, 'sim');
    const traceId = response.headers.get('x-maru-trace-id') ?? '';
    const seen = [await response.text(), await errorOf(chat(`${token}x`)), await errorOf(chat(token, 'nothing')), await errorOf(send('/api/v1/keys', token))];
    await vi.waitFor(async () => {
      const trace = await (await send(`/api/v1/traces/${traceId}`, platform.masterKey)).text();
      expect(trace).toContain('sim');
      seen.push(trace);
    });
    for (const path of ['/api/v1/charges', '/api/v1/decisions', '/api/v1/keys', '/api/v1/accounts', '/metrics'])
      seen.push(await (await send(path, platform.masterKey)).text());

    for (const part of [parts[1], parts[2]]) expect([...seen, ...lines].filter((text) => text.includes(part ?? ' '))).toEqual([]);
  });
});
