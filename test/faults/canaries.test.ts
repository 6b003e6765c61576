import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type PlatformProcess, startPlatformProcess } from '../harness/platform-process.ts';

/** Each secret of the platform, recognisable wherever it turns up. */
const CANARIES = {
  CANARY_OPENAI: 'sk-canary-openai-7f3a91c2',
  CANARY_ANTHROPIC: 'sk-ant-canary-51be02d8',
  CANARY_GEMINI: 'AIza-canary-0c66e1f4',
  CANARY_COHERE: 'canary-cohere-9d17ab30',
  CANARY_WEBHOOK: 'canary-webhook-44aa8be1',
};
const MODELS = [
  ['openai', 'openai', 'CANARY_OPENAI'],
  ['anthropic', 'anthropic', 'CANARY_ANTHROPIC'],
  ['gemini', 'gemini', 'CANARY_GEMINI'],
  ['cohere', 'cohere', 'CANARY_COHERE'],
] as const;

/** Everything that the upstream was sent, said back: what a careless or hostile server does with its errors. */
type Echo = (response: ServerResponse, echo: string) => void;
const refuse =
  (status: number, type = 'application/json'): Echo =>
  (response, echo) =>
    void response
      .writeHead(status, {
        'content-type': type,
        'x-echo': encodeURIComponent(echo).slice(0, 4000),
        ...(status >= 300 && status < 400 ? { location: `http://127.0.0.1:9/${encodeURIComponent(echo)}` } : {}),
      })
      .end(type.includes('json') ? JSON.stringify({ error: { message: echo, type: echo, code: echo, details: [{ echo }] }, message: echo, echo }) : echo);
const token = `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', created: 1, model: 'm', choices: [{ index: 0, delta: { content: 'Hel' }, finish_reason: null }] })}\n\n`;
const breakOff: Echo = (response, echo) => {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  const error = { type: 'error', error: { message: echo, type: 'overloaded_error', code: echo } };
  response.end(`${token}event: error\ndata: ${JSON.stringify(error)}\n\n`);
};
const ECHOES: Readonly<Record<string, Echo>> = {
  ...Object.fromEntries([400, 401, 403, 404, 413, 422, 429, 500, 503].map((status) => [`status ${status}`, refuse(status)])),
  'a page': refuse(500, 'text/html'),
  'plain text': refuse(429, 'text/plain'),
  'a redirect': refuse(307),
  'half a JSON': (response, echo) => void response.writeHead(200, { 'content-type': 'application/json' }).end(`{"error":"${encodeURIComponent(echo)}`),
  'an error in a stream': breakOff,
};

let upstream: Server;
let echo: Echo = refuse(500);
let asked = 0;
const sent = new Set<string>();
let platform: PlatformProcess;
const dataDir = mkdtempSync(join(tmpdir(), 'maru-canaries-'));
const told: string[] = [];

const said = (headers: IncomingHttpHeaders, url: string): string => {
  const text = `${url} ${JSON.stringify(headers)}`;
  for (const canary of Object.values(CANARIES)) if (text.includes(canary)) sent.add(canary);
  return text;
};

beforeAll(async () => {
  upstream = createServer((request, response) => {
    asked += 1;
    request.resume().on('end', () => echo(response, said(request.headers, request.url ?? '')));
  });
  await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(upstream.address() as AddressInfo).port}`;
  const resources = MODELS.map(
    ([name, provider, key]) => `apiVersion: maru.dev/v1alpha1
kind: Model
metadata: {name: ${name}}
spec: {provider: {name: ${provider}, model: m, baseUrl: "${url}/v1", apiKey: {env: ${key}}}, capabilities: [chat, completions, tools, embeddings, images, rerank]}
`,
  );
  resources.push(`apiVersion: maru.dev/v1alpha1
kind: Route
metadata: {name: guarded}
spec:
  backends: [{model: openai}]
  health: {allowedFails: 100}
  guardrails: [{name: hook, type: webhook, at: [before], url: "${url}/hook", token: {env: CANARY_WEBHOOK}}]
`);
  const file = join(dataDir, 'stack.yaml');
  writeFileSync(file, resources.join('---\n'));
  const environment = { ...CANARIES, MARU_LOG_LEVEL: 'debug', MARU_ALLOW_HOSTS: '127.0.0.1', MARU_CAPTURE_CONTENT: 'true' };
  platform = await startPlatformProcess({ dataDir, files: [file], environment });
}, 60_000);

afterAll(async () => {
  await platform.stop('SIGTERM');
  await new Promise((resolve) => upstream.close(resolve));
  rmSync(dataDir, { recursive: true, force: true });
});

const headers = (): Record<string, string> => ({ authorization: `Bearer ${platform.key}`, 'content-type': 'application/json' });
async function tell(path: string, body?: object): Promise<void> {
  const response = await fetch(platform.url + path, { headers: headers(), ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }) });
  told.push(`${path} ${JSON.stringify([...response.headers])} ${await response.text()}`);
}
const leaks = (texts: readonly string[]): readonly string[] =>
  texts.flatMap((text) =>
    Object.values(CANARIES)
      .filter((canary) => text.includes(canary) || text.includes(encodeURIComponent(canary)))
      .map((canary) => `${canary} in ${text.slice(Math.max(0, text.indexOf(canary) - 120), text.indexOf(canary) + 40)}`),
  );
const filesBelow = (folder: string): readonly string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));

const messages = [{ role: 'user', content: 'Hi' }];

describe('the secrets of the platform', () => {
  it.each(Object.entries(ECHOES))('are not in an answer when an upstream says back what it was sent: %s', async (_name, how) => {
    echo = how;
    const from = told.length;
    for (const [model] of MODELS) {
      for (const stream of [false, true]) {
        await tell('/v1/chat/completions', { model, messages, stream });
        await tell('/v1/messages', { model, max_tokens: 9, messages, stream });
        await tell('/v1/responses', { model, input: 'Hi', stream });
      }
    }
    // What is passed on unread is an answer, and answers are the upstream's own.
    if (how === breakOff) return expect(leaks(told.slice(from))).toEqual([]);
    await tell('/v1/embeddings', { model: 'openai', input: 'Hi' });
    await tell('/v1/images/generations', { model: 'openai', prompt: 'Hi' });
    await tell('/v1/rerank', { model: 'cohere', query: 'Hi', documents: ['a'] });
    await tell('/v1/chat/completions', { model: 'guarded', messages });

    return expect(leaks(told.slice(from))).toEqual([]);
  });

  it('went to the upstreams, each its own', () => {
    expect([...sent].sort()).toEqual(Object.values(CANARIES).sort());
    expect(asked).toBeGreaterThan(100);
  });

  it('are not in what the control plane shows', async () => {
    const from = told.length;
    const paths = ['resources', 'decisions', 'charges', 'traces?limit=200', 'models', 'keys', 'overview'];
    for (const path of paths) await tell(`/api/v1/${path}`);
    const traces = (await (await fetch(`${platform.url}/api/v1/traces?limit=50`, { headers: headers() })).json()) as { items: { traceId: string }[] };
    expect(traces.items.length).toBeGreaterThan(0);
    for (const { traceId } of traces.items) await tell(`/api/v1/traces/${traceId}`);
    await tell('/metrics');

    expect(leaks(told.slice(from))).toEqual([]);
  });

  it('are neither in the log nor in any file of the data folder', async () => {
    // A platform that has stopped has written everything.
    await platform.stop('SIGTERM');
    const files = filesBelow(dataDir);

    expect(platform.output()).toContain('request failed');
    expect(leaks([platform.output()])).toEqual([]);
    expect(files.some((file) => /maru.*\.(db|sqlite)/.test(file))).toBe(true);
    expect(leaks(files.map((file) => `${file} ${readFileSync(file, 'latin1')}`))).toEqual([]);
  });
});
