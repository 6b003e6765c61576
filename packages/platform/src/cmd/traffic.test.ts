import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CliPorts, runCli } from '#cli';
import { readConfig } from '#config';
import { openTrace, simulateTrace } from '#simulate';
import { type Platform, startPlatform } from './platform.ts';

const folder = mkdtempSync(join(tmpdir(), 'maru-traffic-cmd-'));
const stack = join(folder, 'stack.yaml');
writeFileSync(
  stack,
  `apiVersion: maru.dev/v1alpha1
kind: Model
metadata: {name: sim}
spec:
  serving: {engine: twin, replicas: 2, twin: {speed: 100}}
`,
);

let platform: Platform;
const ask = async (path: string, init: RequestInit = {}): Promise<Response> =>
  fetch(`${platform.url}${path}`, { ...init, headers: { authorization: `Bearer ${platform.masterKey}`, 'content-type': 'application/json', ...init.headers } });

const none = (): never => expect.fail('is not asked');
const NO_PORTS: CliPorts = { up: none, worker: none, operator: none, picker: none, kube: none, simulate: none, bench: none, version: '0.0.0' };

const SECRET = 'the meeting is at the old mill. ';
/** Two prompts share their first 8 KB with all others, and nothing after it. */
const chat = async (question: string, session: string): Promise<void> => {
  const messages = [
    { role: 'system', content: SECRET.repeat(256) },
    { role: 'user', content: question.repeat(100) },
  ];
  const body = JSON.stringify({ model: 'sim', messages, max_tokens: 5 });
  const response = await ask('/v1/chat/completions', { method: 'POST', body, headers: { 'x-maru-session': session } });
  expect(response.status).toBe(200);
  await response.text();
};

beforeAll(async () => {
  platform = await startPlatform({
    config: readConfig({ port: '0', dataDir: join(folder, 'data') }, {}),
    files: [stack],
    version: '0.0.0',
    say: () => undefined,
  });
}, 60_000);
afterAll(async () => {
  await platform.close();
  rmSync(folder, { recursive: true });
});

describe('traffic of the gateway', () => {
  it('is exported without a word of it, and played again by the simulator with the cache hits that it had', async () => {
    for (const question of ['Where? ', 'When? ', 'With whom? ', 'And why? ']) await chat(question, 'talk');

    const text = await (await ask('/api/v1/traffic?sinceMs=3600000')).text();

    expect(text).not.toContain('mill');
    expect(text).not.toContain('talk');
    const path = join(folder, 'traffic.jsonl');
    writeFileSync(path, text);
    const trace = openTrace(path);
    const requests = [...trace.requests];
    expect(trace.count).toBe(4);
    expect(new Set(requests.map(({ session }) => session)).size).toBe(1);
    expect(new Set(requests.map(({ blocks }) => blocks[0])).size).toBe(1);
    const { timed } = simulateTrace({ trace, replicas: 1, policies: ['maru'] });
    expect(timed[0]).toMatchObject({ completed: 4, rejected: 0 });
    expect(timed[0]?.hitRate).toBeGreaterThan(0.5);
  });

  it('is written to a file by the command line', async () => {
    const errors: string[] = [];
    const io = {
      out: () => undefined,
      err: (text: string) => void errors.push(text),
      interactive: false,
      colour: false,
      readStdin: () => Promise.resolve(''),
      signal: new AbortController().signal,
    };
    const path = join(folder, 'by-command.jsonl');
    const where = ['--server', platform.url, '--key', platform.masterKey];

    const code = await runCli(['traffic', 'export', '--since', '1h', '--model', 'sim', '--out', path, ...where], { io, ports: NO_PORTS });

    expect([code, errors]).toEqual([0, []]);
    expect(openTrace(path).count).toBe(4);
    expect(await runCli(['traffic', 'export', '--since', 'yesterday', ...where], { io, ports: NO_PORTS })).toBe(2);
    expect(await runCli(['traffic', 'export', '--model', 'none', ...where], { io, ports: NO_PORTS })).toBe(3);
    expect(errors.join('')).toContain('--since must be a duration');
  });

  it('says so where nothing was recorded', async () => {
    const response = await ask('/api/v1/traffic?model=none');

    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({ error: { code: 'not_found', message: expect.stringContaining('--since') } });
  });
});
