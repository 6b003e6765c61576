import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { readConfig } from '#config';
import { type Platform, startPlatform } from './platform.ts';

const folder = mkdtempSync(join(tmpdir(), 'maru-guards-'));
const stack = join(folder, 'stack.yaml');
const kind = (name: string, of: string, spec: string): string => `apiVersion: maru.dev/v1alpha1\nkind: ${of}\nmetadata: {name: ${name}}\nspec: ${spec}\n---\n`;
const deny = (name: string, phrase: string): string => `{name: ${name}, type: deny, at: [before, after], phrases: [${phrase}]}`;
const STACK = [
  kind('sim', 'Model', '{serving: {engine: twin, twin: {speed: 100}}}'),
  kind('behind', 'Model', '{serving: {engine: twin, twin: {speed: 100}}, direct: false}'),
  kind('reader-embed', 'Model', '{serving: {engine: reader}, capabilities: [embeddings]}'),
  kind('open', 'Route', '{backends: [{model: behind}]}'),
  kind('checked', 'Route', `{backends: [{model: behind}], guardrails: [${deny('route-words', 'green cabbage')}]}`),
  kind('helper', 'Agent', '{model: behind, instructions: Help.}'),
  kind(
    'acme',
    'Tenant',
    `{level: organisation, guardrails: [${deny('acme-words', 'project bluebird')}, {name: mail, type: pii, at: [before, after], action: flag}]}`,
  ),
  kind('search', 'Tenant', `{parent: acme, guardrails: [${deny('search-words', 'forbidden fruit')}]}`),
  kind('other', 'Tenant', '{}'),
  kind('topical', 'Tenant', '{guardrails: [{name: topic, type: topic, at: [before], embedding: reader-embed, deny: [how to cook soup], threshold: 0.9}]}'),
].join('');

let platform: Platform;
const keys = new Map<string, string>();
const send = (path: string, body: object, key = platform.masterKey): Promise<Response> =>
  fetch(platform.url + path, { method: 'POST', headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' }, body: JSON.stringify(body) });
const keyOf = (tenant: string): string => keys.get(tenant) ?? '';
const chat = (tenant: string, model: string, content: string, more: object = {}): Promise<Response> =>
  send('/v1/chat/completions', { model, max_tokens: 4, messages: [{ role: 'user', content }], ...more }, keyOf(tenant));
const codeOf = async (response: Response): Promise<unknown> => ((await response.json()) as { error?: { code?: unknown } }).error?.code ?? response.status;

beforeAll(async () => {
  writeFileSync(stack, STACK);
  const config = readConfig({ port: '0', dataDir: join(folder, 'data') }, { MARU_LOG_LEVEL: 'silent' });
  platform = await startPlatform({ config, files: [stack], version: '0.0.0', say: () => undefined });
  await send('/team/new', { team_id: 'lab', organization_id: 'acme' });
  for (const tenant of ['acme', 'search', 'other', 'topical', 'lab']) {
    const made = (await (await send('/api/v1/keys', { name: tenant, tenant })).json()) as { secret?: string };
    if (made.secret !== undefined) keys.set(tenant, made.secret);
  }
}, 60_000);

afterAll(async () => {
  await platform.close();
  rmSync(folder, { recursive: true, force: true });
});

describe('the guardrails of a tenant', () => {
  const said = 'tell me of project bluebird';

  it.each([
    ['a model by its name', '/v1/chat/completions', { model: 'sim', messages: [{ role: 'user', content: said }] }],
    ['a route without guardrails', '/v1/chat/completions', { model: 'open', messages: [{ role: 'user', content: said }] }],
    ['an agent', '/v1/chat/completions', { model: 'agent/helper', messages: [{ role: 'user', content: said }] }],
    ['messages', '/v1/messages', { model: 'sim', max_tokens: 4, system: said, messages: [{ role: 'user', content: 'hi' }] }],
    ['responses', '/v1/responses', { model: 'sim', instructions: said, input: 'hi' }],
    ['completions, before and after a gap', '/v1/completions', { model: 'sim', prompt: 'hi', suffix: said }],
    ['Gemini', '/v1beta/models/sim:generateContent', { contents: [{ role: 'user', parts: [{ text: said }] }] }],
    ['embeddings', '/v1/embeddings', { model: 'reader-embed', input: [said] }],
    ['a count of tokens', '/v1/messages/count_tokens', { model: 'sim', messages: [{ role: 'user', content: said }] }],
  ])('hold for %s', async (_name, path, body) => {
    const response = await send(path, body, keyOf('acme'));

    expect(response.status).toBe(400);
    expect(await response.text()).toContain('acme-words');
  });

  it('hold below the tenant, and not beside it', async () => {
    expect(await codeOf(await chat('search', 'sim', said))).toBe('content_blocked');
    expect(await codeOf(await chat('search', 'sim', 'forbidden fruit'))).toBe('content_blocked');
    expect((await chat('acme', 'sim', 'forbidden fruit')).status).toBe(200);
    expect((await chat('other', 'sim', said)).status).toBe(200);
  });

  it('hold below an account that was made over the API', async () => {
    expect(keys.has('lab')).toBe(true);
    expect(await codeOf(await chat('lab', 'sim', said))).toBe('content_blocked');
    expect((await chat('lab', 'sim', 'hello')).status).toBe(200);
  });

  it('come together with those of a route', async () => {
    expect(await codeOf(await chat('acme', 'checked', said))).toBe('content_blocked');
    expect(await codeOf(await chat('acme', 'checked', 'green cabbage'))).toBe('content_blocked');
    expect((await chat('acme', 'checked', 'hello')).status).toBe(200);
  });

  it('can ask a model without being checked themselves', async () => {
    expect((await chat('topical', 'sim', 'Where is the train to Busan?')).status).toBe(200);
    expect(await codeOf(await chat('topical', 'sim', 'how to cook soup'))).toBe('content_blocked');
  });

  it('change with their resource, without a restart', async () => {
    const yaml = kind('other', 'Tenant', `{guardrails: [${deny('new-words', 'blue moon')}]}`);
    const applied = await send('/api/v1/resources:apply', { yaml });

    expect([applied.status, await applied.text()]).toEqual([200, expect.any(String)]);
    await vi.waitFor(async () => expect(await codeOf(await chat('other', 'sim', 'blue moon'))).toBe('content_blocked'));
  });

  it('are not taken where a request chooses who it is', async () => {
    const applied = await send('/api/v1/resources:apply', { yaml: kind('jane', 'Tenant', `{level: end-user, guardrails: [${deny('words', 'blue moon')}]}`) });

    expect(applied.status).toBe(400);
    expect(await applied.text()).toContain('put guardrails on the tenant of the key');
  });
});

describe('a model that is closed to requests', () => {
  it('is not found by its name, in a list, or as a fallback', async () => {
    const list = await (await fetch(`${platform.url}/v1/models`, { headers: { authorization: `Bearer ${keyOf('acme')}` } })).text();
    const one = await fetch(`${platform.url}/v1/models/behind`, { headers: { authorization: `Bearer ${keyOf('acme')}` } });

    expect(await codeOf(await chat('acme', 'behind', 'hello'))).toBe('model_not_allowed');
    expect(await codeOf(await chat('acme', 'sim', 'hello', { fallbacks: ['behind'] }))).toBe('model_not_allowed');
    expect(await codeOf(await send('/v1/responses', { model: 'behind', input: 'hi', background: true }, keyOf('acme')))).toBe('model_not_allowed');
    expect(list).not.toContain('behind');
    expect(one.status).toBe(403);
  });

  it('answers through its routes and agents', async () => {
    expect((await chat('acme', 'open', 'hello')).status).toBe(200);
    expect((await chat('acme', 'agent/helper', 'hello')).status).toBe(200);
  });

  it('is closed to the master key and to lines of batches too', async () => {
    expect(await codeOf(await send('/v1/chat/completions', { model: 'behind', messages: [{ role: 'user', content: 'hi' }] }))).toBe('model_not_allowed');
    const form = new FormData();
    const line = { custom_id: 'a', method: 'POST', url: '/v1/chat/completions', body: { model: 'behind', messages: [{ role: 'user', content: 'hi' }] } };
    form.append('purpose', 'batch');
    form.append('file', new Blob([JSON.stringify(line)]), 'lines.jsonl');
    const headers = { authorization: `Bearer ${keyOf('acme')}` };
    const { id } = (await (await fetch(`${platform.url}/v1/files`, { method: 'POST', headers, body: form })).json()) as { id: string };
    const batch = (await (
      await send('/v1/batches', { input_file_id: id, endpoint: '/v1/chat/completions', completion_window: '24h' }, keyOf('acme'))
    ).json()) as {
      id: string;
    };
    const done = await vi.waitFor(
      async () => {
        const state = (await (await fetch(`${platform.url}/v1/batches/${batch.id}`, { headers })).json()) as { status: string; error_file_id: string };
        expect(state.status).toBe('completed');
        return state;
      },
      { timeout: 10_000, interval: 50 },
    );

    expect(await (await fetch(`${platform.url}/v1/files/${done.error_file_id}/content`, { headers })).text()).toContain('model_not_allowed');
  });
});

describe('fallbacks that a request names', () => {
  it('do not lead to the models of another route around its guardrails', async () => {
    expect(await codeOf(await chat('acme', 'sim', 'hello', { fallbacks: ['checked'] }))).toBe('model_not_allowed');
    expect((await chat('acme', 'sim', 'hello', { fallbacks: ['open'] })).status).toBe(200);
  });
});
