import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  accountDetailSchema,
  accountPageSchema,
  accountSpendSchema,
  batchPageSchema,
  chargePageSchema,
  costsSchema,
  decisionListSchema,
  formatListSchema,
  overviewSchema,
  SPEND_GROUPS,
  savingsSchema,
  servedModelListSchema,
  sessionSchema,
  traceDetailSchema,
  tracePageSchema,
} from '@maru/api/wire';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { readConfig } from '#config';
import { type Platform, startPlatform } from './platform.ts';

const folder = mkdtempSync(join(tmpdir(), 'maru-platform-'));
const stack = join(folder, 'stack.yaml');
const STACK = `apiVersion: maru.dev/v1alpha1
kind: Model
metadata: {name: reader}
spec:
  serving: {engine: reader}
---
apiVersion: maru.dev/v1alpha1
kind: Model
metadata: {name: reader-embed}
spec:
  serving: {engine: reader}
  capabilities: [embeddings]
---
apiVersion: maru.dev/v1alpha1
kind: Model
metadata: {name: sim}
spec:
  serving: {engine: twin, replicas: 2, twin: {speed: 50}}
  price: {inputUsdPerMillion: 1, outputUsdPerMillion: 3}
---
apiVersion: maru.dev/v1alpha1
kind: Model
metadata: {name: dead}
spec:
  provider: {name: openai-compatible, model: x, baseUrl: "http://127.0.0.1:9/v1"}
---
apiVersion: maru.dev/v1alpha1
kind: Route
metadata: {name: auto}
spec:
  backends:
    - {model: dead, when: {headers: {x-test: dead}}}
    - {model: reader, when: {maxPromptTokens: 500}, reason: short}
    - {model: sim, reason: long}
  fallbacks: [{from: dead, to: [reader]}]
---
apiVersion: maru.dev/v1alpha1
kind: KnowledgeBase
metadata: {name: facts}
spec:
  sources: [{path: documents}]
  embedding: reader-embed
---
apiVersion: maru.dev/v1alpha1
kind: Agent
metadata: {name: guide}
spec:
  model: reader
  instructions: Answer from the knowledge.
  tools: [{type: knowledge, knowledgeBase: facts}, {type: calculator}]
---
apiVersion: maru.dev/v1alpha1
kind: Agent
metadata: {name: spender}
spec: {model: sim, instructions: Spend.}
---
apiVersion: maru.dev/v1alpha1
kind: Tenant
metadata: {name: default}
spec:
  budgets: [{usd: 10}]
`;

let platform: Platform;
const said: string[] = [];

const config = (dataDir: string) => readConfig({ port: '0', dataDir }, { MARU_LOG_LEVEL: 'silent' });
const send = (path: string, init: RequestInit & { key?: string } = {}): Promise<Response> =>
  fetch(`${platform.url}${path}`, {
    ...init,
    headers: {
      authorization: `Bearer ${init.key ?? platform.masterKey}`,
      'content-type': 'application/json',
      ...(init.headers as Record<string, string> | undefined),
    },
  });
const chat = (body: object, init: RequestInit & { key?: string } = {}): Promise<Response> =>
  send('/v1/chat/completions', { method: 'POST', body: JSON.stringify(body), ...init });
const question = (content: string) => [{ role: 'user', content }];
/** Spans and charges settle in the background a moment after the answer. */
const soon = <T>(check: () => Promise<T>): Promise<T> => vi.waitFor(check, { timeout: 10_000, interval: 50 });

beforeAll(async () => {
  mkdirSync(join(folder, 'documents'));
  writeFileSync(
    join(folder, 'documents', 'twin.md'),
    '# The twin\n\nThe engine twin is a simulated engine with the timing of a real server.\n\n## Colour\n\nThe twin is painted celadon green.\n',
  );
  writeFileSync(stack, STACK);
  platform = await startPlatform({ config: config(join(folder, 'data')), files: [stack], version: '0.0.0', say: (text) => void said.push(text) });
}, 60_000);

afterAll(async () => {
  await platform.close();
  rmSync(folder, { recursive: true, force: true });
});

describe('the platform', () => {
  it('answers an agent from documents, with sources, and keeps the trace and the decision', async () => {
    await soon(async () => expect(await (await send('/api/v1/knowledge')).json()).toMatchObject({ items: [{ documents: 1, ingestion: null }] }));
    const response = await chat({ model: 'agent/guide', messages: question('What colour is the twin painted?') });
    const { choices } = (await response.json()) as { choices: [{ message: { content: string; sources: { document: string; heading: string }[] } }] };

    expect(response.status).toBe(200);
    expect(choices[0].message.content).toContain('celadon green');
    expect(choices[0].message.sources[0]).toMatchObject({ document: 'twin.md', heading: 'Colour' });

    const traceId = response.headers.get('x-maru-trace-id') ?? '';
    const trace = await soon(async () => {
      const detail = traceDetailSchema.parse(await (await send(`/api/v1/traces/${traceId}`)).json());
      expect(detail.spans.map((span) => span.kind)).toEqual(expect.arrayContaining(['gateway', 'agent', 'tool', 'engine']));
      return detail;
    });
    expect(new Set(trace.spans.map((span) => span.traceId))).toEqual(new Set([traceId]));
    const decisions = (await (await send(`/api/v1/decisions?traceId=${traceId}`)).json()) as {
      items: { model: string; realisedCachedTokens: number | null }[];
    };
    expect(decisions.items[0]).toMatchObject({ model: 'reader', realisedCachedTokens: 0 });
  });

  it('routes with a reason, and falls back when an engine is dead', async () => {
    const short = await chat({ model: 'auto', messages: question('hello') });
    const long = await chat({ model: 'auto', max_tokens: 5, messages: question('word '.repeat(1000)) });
    const dead = await chat({ model: 'auto', messages: question('hello') }, { headers: { 'x-test': 'dead' } });

    expect([short.headers.get('x-maru-model'), short.headers.get('x-maru-route-reason')]).toEqual(['reader', 'short: reader; the only replica']);
    expect([long.headers.get('x-maru-model'), long.headers.get('x-maru-simulated')]).toEqual(['sim', 'true']);
    expect(dead.status).toBe(200);
    expect(dead.headers.get('x-maru-route-reason')).toContain('fallback of dead: reader');
  });

  it('joins the expected and the realised cache hit of a repeated prompt', async () => {
    const messages = question(`a long beginning ${'that repeats itself '.repeat(300)}`);
    for (let turn = 0; turn < 3; turn += 1) await (await chat({ model: 'sim', max_tokens: 3, messages })).text();
    const { items } = (await (await send('/api/v1/decisions?limit=1')).json()) as { items: { expectedCachedTokens: number; realisedCachedTokens: number }[] };

    expect(items[0]?.expectedCachedTokens).toBeGreaterThan(500);
    expect(items[0]?.realisedCachedTokens).toBeGreaterThan(500);
  });

  it('charges what was used, to the key that used it', async () => {
    const created = (await (
      await send('/api/v1/keys', { method: 'POST', body: JSON.stringify({ name: 'payer', budgets: [{ usd: 1, window: 'total' }] }) })
    ).json()) as {
      secret: string;
      key: { id: string };
    };
    const { usage } = (await (await chat({ model: 'sim', max_tokens: 7, messages: question('pay for this') }, { key: created.secret })).json()) as {
      usage: { prompt_tokens: number; completion_tokens: number };
    };

    await soon(async () => {
      const { rows } = (await (await send('/api/v1/costs?by=key')).json()) as { rows: { group: string; costNanoUsd: number; requests: number }[] };
      expect(rows.find((row) => row.group === created.key.id)).toMatchObject({
        requests: 1,
        costNanoUsd: usage.prompt_tokens * 1000 + usage.completion_tokens * 3000,
      });
    });
    expect((await send('/api/v1/keys', { key: created.secret })).status).toBe(403);
    expect((await send(`/api/v1/keys/${created.key.id}`, { method: 'DELETE' })).status).toBe(204);
    expect((await chat({ model: 'sim', messages: question('x') }, { key: created.secret })).status).toBe(401);
  });

  it('shows the tree of accounts with what is spent and how budgets stand', async () => {
    await (await chat({ model: 'sim', max_tokens: 3, messages: question('for the tree') })).text();

    await soon(async () => {
      const { items } = accountPageSchema.parse(await (await send('/api/v1/accounts?level=team&limit=1')).json());
      expect(items[0]).toMatchObject({ id: 'default', source: 'resource', budgets: [{ limitNanoUsd: 10e9, window: 'month' }] });
      expect(items[0]?.spend.costNanoUsd).toBeGreaterThan(0);
    });
    const { account, path } = accountDetailSchema.parse(await (await send('/api/v1/accounts/team/default')).json());
    const spend = accountSpendSchema.parse(await (await send('/api/v1/accounts/team/default/spend?by=model')).json());
    expect(path).toEqual([]);
    expect(spend.rows.map((row) => row.group)).toContain('sim');
    // The charges of the requests before come in meanwhile.
    expect(spend.total.requests).toBeGreaterThanOrEqual(account.spend.requests);
    expect((await send('/api/v1/accounts/team/nobody')).status).toBe(404);
    expect((await send('/api/v1/accounts/clan/default')).status).toBe(400);
    expect((await send('/api/v1/accounts?cursor=zz')).status).toBe(400);
  });

  it('shows the operator the batches of all tenants, and cancels them', async () => {
    const { secret } = (await (await send('/api/v1/keys', { method: 'POST', body: JSON.stringify({ name: 'night', tenant: 'research' }) })).json()) as {
      secret: string;
    };
    const form = new FormData();
    form.set('purpose', 'batch');
    form.set('file', new Blob(['{"custom_id":"a"}\n']), 'broken.jsonl');
    const uploaded = await fetch(`${platform.url}/v1/files`, { method: 'POST', headers: { authorization: `Bearer ${secret}` }, body: form });
    const { id: fileId } = (await uploaded.json()) as { id: string };
    const request = JSON.stringify({ input_file_id: fileId, endpoint: '/v1/chat/completions', completion_window: '24h' });
    const { id } = (await (await send('/v1/batches', { method: 'POST', body: request, key: secret })).json()) as { id: string };

    await soon(async () => {
      const { items } = batchPageSchema.parse(await (await send('/api/v1/batches?tenant=research')).json());
      expect(items).toMatchObject([{ id, tenant: 'research', state: 'failed' }]);
      expect(items[0]?.problem).toMatch(/line 1|method|url/);
    });
    expect(batchPageSchema.parse(await (await send('/api/v1/batches?tenant=nobody')).json()).items).toEqual([]);
    expect((await send('/api/v1/batches', { key: secret })).status).toBe(403);
    expect((await send(`/api/v1/batches/${id}:cancel`, { method: 'POST', key: secret })).status).toBe(403);
    expect((await send(`/api/v1/batches/${id}:cancel`, { method: 'POST' })).status).toBe(409);
    expect((await send('/api/v1/batches/batch_none:cancel', { method: 'POST' })).status).toBe(404);
  });

  it('holds the budget of a key also for the model calls of its agent runs', async () => {
    const { secret } = (await (
      await send('/api/v1/keys', { method: 'POST', body: JSON.stringify({ name: 'poor', budgets: [{ usd: 0.000001, window: 'total' }] }) })
    ).json()) as {
      secret: string;
    };
    const direct = await chat({ model: 'sim', max_tokens: 500, messages: question('too dear') }, { key: secret });
    const run = await chat({ model: 'agent/spender', messages: question('hello') }, { key: secret });

    expect([direct.status, ((await direct.json()) as { error: { code: string } }).error.code]).toEqual([402, 'quota_exceeded']);
    expect(run.status).not.toBe(200);
    expect(await run.text()).toContain('budget');
  });

  it('sums spend by account, provider and model, and finds the charges of a trace and the decisions of a route', async () => {
    const reply = await chat({ model: 'sim', max_tokens: 3, user: 'kim', messages: question('who pays?') });
    const traceId = reply.headers.get('x-maru-trace-id') ?? '';
    await reply.text();

    await soon(async () => {
      const charges = chargePageSchema.parse(await (await send(`/api/v1/charges?traceId=${traceId}`)).json());
      expect(charges.items.map((charge) => charge.traceId)).toEqual([traceId]);
    });
    for (const by of SPEND_GROUPS) {
      const costs = costsSchema.parse(await (await send(`/api/v1/costs?by=${by}`)).json());
      expect(costs.by).toBe(by);
      expect(costs.totalNanoUsd).toBeGreaterThan(0);
      if (by === 'end-user') expect(costs.rows.map((row) => row.label)).toContain('kim');
      if (by === 'provider') expect(costs.rows.find((row) => row.group === 'twin')).toMatchObject({ simulated: true });
    }
    const savings = savingsSchema.parse(await (await send('/api/v1/savings')).json());
    expect(savings.promptCache.tokens).toBeGreaterThan(0);
    const decisions = decisionListSchema.parse(await (await send('/api/v1/decisions?model=sim&limit=5')).json());
    expect(decisions.items.length).toBeGreaterThan(0);
    expect(decisions.items.every((decision) => decision.model === 'sim')).toBe(true);
    const formats = formatListSchema.parse(await (await send('/api/v1/formats')).json());
    expect(formats.items.find((format) => format.name === 'gemini')?.carries['tools']).toBe('yes');
  });

  it('shows all of it in shapes that the console can read', async () => {
    const overview = overviewSchema.parse(await (await send('/api/v1/overview')).json());
    const models = servedModelListSchema.parse(await (await send('/api/v1/models')).json());
    const traces = tracePageSchema.parse(await (await send('/api/v1/traces?limit=1')).json());

    expect(overview.endpoints.map((endpoint) => endpoint.endpoint)).toEqual(expect.arrayContaining(['reader-0', 'sim-0', 'sim-1', 'dead']));
    expect(overview.requests.series.reduce((sum: number, count) => sum + (count ?? 0), 0)).toBe(overview.requests.total);
    expect(models.items.find((model) => model.id === 'sim')).toMatchObject({
      simulated: true,
      price: { source: 'model', usd: { inputTokens: 1, outputTokens: 3 }, above: [] },
    });
    expect(traces.nextCursor).not.toBeNull();
  });

  it('logs a browser in once, and takes changes only from the console itself', async () => {
    const link = platform.loginUrl();
    const first = await fetch(link, { redirect: 'manual' });
    const cookie = first.headers.get('set-cookie')?.split(';')[0] ?? '';
    const again = await fetch(link, { redirect: 'manual' });
    const withCookie = (path: string, init: RequestInit = {}): Promise<Response> =>
      fetch(`${platform.url}${path}`, {
        ...init,
        headers: { cookie, 'content-type': 'application/json', ...(init.headers as Record<string, string> | undefined) },
      });

    expect(first.headers.get('set-cookie')).toMatch(/HttpOnly; SameSite=Strict/);
    expect(again.headers.get('set-cookie')).toBeNull();
    expect(sessionSchema.parse(await (await withCookie('/api/v1/session')).json()).principal.role).toBe('admin');
    const body = JSON.stringify({ name: 'forged' });
    expect((await withCookie('/api/v1/keys', { method: 'POST', body })).status).toBe(403);
    const ask = { method: 'POST', body: JSON.stringify({ model: 'reader', messages: question('hello') }) };
    expect((await withCookie('/v1/chat/completions', ask)).status).toBe(401);
    expect((await withCookie('/v1/chat/completions', { ...ask, headers: { 'x-maru-console': '1' } })).status).toBe(200);
    await withCookie('/api/v1/session', { method: 'DELETE' });
    expect((await withCookie('/api/v1/session')).status).toBe(401);
  });

  it('answers bad calls with one clear error each', async () => {
    const codeOf = async (response: Promise<Response>): Promise<string> =>
      `${(await response).status} ${((await (await response).json()) as { error: { code: string } }).error.code}`;

    expect(await codeOf(send('/api/v1/nothing'))).toBe('404 not_found');
    expect(await codeOf(send('/api/v1/keys', { method: 'POST', body: '{' }))).toBe('400 invalid_json');
    expect(await codeOf(send('/api/v1/keys', { method: 'POST', body: '{"nam": "x"}' }))).toBe('400 invalid_request');
    expect(await codeOf(send('/api/v1/traces/x', { method: 'DELETE' }))).toBe('405 method_not_allowed');
    expect(await codeOf(send('/api/v1/overview', { key: 'sk-wrong-key' }))).toBe('401 unauthenticated');
    expect(await codeOf(send('/api/v1/traces?limit=0'))).toBe('400 invalid_request');
    expect(await codeOf(chat({ model: 'redaer', messages: question('x') }))).toBe('404 model_not_found');
    expect(await codeOf(send('/api/v1/resources/Model/reader', { method: 'DELETE' }))).toBe('409 conflict');
  });

  it('validates and applies YAML without a restart, and refuses a bad change whole', async () => {
    const model = 'apiVersion: maru.dev/v1alpha1\nkind: Model\nmetadata: {name: second}\nspec:\n  serving: {engine: reader}\n';
    const bad = await send('/api/v1/resources:validate', { method: 'POST', body: JSON.stringify({ yaml: model.replace('reader', 'raeder') }) });
    const refused = await send('/api/v1/resources:apply', {
      method: 'POST',
      body: JSON.stringify({
        yaml: `${model}---\napiVersion: maru.dev/v1alpha1\nkind: Route\nmetadata: {name: broken}\nspec: {backends: [{model: nowhere}]}\n`,
      }),
    });

    expect(await bad.json()).toMatchObject({ valid: false, problems: [{ line: 5, path: 'spec.serving.engine' }] });
    expect(refused.status).toBe(400);
    expect((await chat({ model: 'second', messages: question('hello') })).status).toBe(404);
    expect(await (await send('/api/v1/resources:apply', { method: 'POST', body: JSON.stringify({ yaml: model }) })).json()).toMatchObject({
      created: ['Model/second'],
    });
    expect((await chat({ model: 'second', messages: question('hello') })).status).toBe(200);
  });

  it('follows its files: a good change is in force at once, a bad one is refused with its place', async () => {
    appendFileSync(stack, '---\napiVersion: maru.dev/v1alpha1\nkind: Model\nmetadata: {name: third}\nspec:\n  serving: {engine: reader}\n');
    await soon(async () => expect((await chat({ model: 'third', messages: question('hello') })).status).toBe(200));

    appendFileSync(stack, '---\napiVersion: maru.dev/v1alpha1\nkind: Modle\n');
    await soon(async () =>
      expect(said.join('\n')).toMatch(/refused, the old state stays:\n.*stack\.yaml:\d+:1: kind: unknown kind "Modle"; did you mean "Model"\?/),
    );
    expect((await chat({ model: 'third', messages: question('hello') })).status).toBe(200);
  });

  it('tells its health and its metrics', async () => {
    expect([(await fetch(`${platform.url}/livez`)).status, (await fetch(`${platform.url}/readyz`)).status]).toEqual([200, 200]);
    expect(await (await fetch(`${platform.url}/metrics`)).text()).toMatch(
      /^maru_endpoint_requests_total\{endpoint="sim-0",model="sim",simulated="true"\} \d+$/m,
    );
    expect(((await (await fetch(`${platform.url}/api/openapi.json`)).json()) as { openapi: string }).openapi).toBe('3.1.0');
  });
});

describe('a platform that can not start', () => {
  const start = (options: { port?: string; dataDir?: string; files?: string[] }) =>
    startPlatform({
      config: readConfig({ port: options.port ?? '0', dataDir: options.dataDir ?? join(folder, 'other') }, { MARU_LOG_LEVEL: 'silent' }),
      files: options.files ?? [join(folder, 'documents')],
      version: '0',
      say: () => undefined,
    });

  it('names the process that has the data folder', async () => {
    await expect(start({ dataDir: join(folder, 'data') })).rejects.toMatchObject({
      code: 'data_dir_locked',
      message: expect.stringContaining(String(process.pid)) as string,
    });
  });

  it('names the port that is in use', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;

    await expect(start({ port: String(port) })).rejects.toMatchObject({ code: 'port_in_use', message: expect.stringContaining(String(port)) as string });
    await new Promise((resolve) => server.close(resolve));
  });

  it('names a data folder that can not be written', async () => {
    const file = join(folder, 'a-file');
    writeFileSync(file, '');

    await expect(start({ dataDir: join(file, 'data') })).rejects.toMatchObject({ code: 'data_dir_unusable' });
  });

  it('names the place of a mistake in its files, and leaves the folder free again', async () => {
    const bad = join(folder, 'bad.yaml');
    writeFileSync(bad, 'apiVersion: maru.dev/v1alpha1\nkind: Model\nmetadata: {name: x}\nspec: {}\n');

    await expect(start({ files: [bad] })).rejects.toMatchObject({ code: 'resource_invalid', message: expect.stringContaining('bad.yaml:4:1') as string });
    await (await start({ files: [join(folder, 'documents')] })).close();
  });
});
