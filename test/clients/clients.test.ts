import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FakeUpstream } from '../conformance/fake-upstream.ts';
import { type PlatformProcess, startPlatformProcess } from '../harness/platform-process.ts';
import { installNpmClients, installPythonClients, type PythonSet } from './install-clients.ts';
import { modelsYaml } from './models-yaml.ts';
import { type Cell, printMatrix } from './print-matrix.ts';
import { startScriptedUpstream } from './scripted-upstream.ts';

const run = promisify(execFile);
/** Stands nowhere but in the headers of calls to the upstream. */
const CANARY = 'sk-canary-4f1d0b7a-upstream-key';
const folder = mkdtempSync(join(tmpdir(), 'maru-clients-'));
const cells: Cell[] = [];
let upstream: FakeUpstream;
let platform: PlatformProcess;

beforeAll(async () => {
  upstream = await startScriptedUpstream();
  writeFileSync(join(folder, 'models.yaml'), modelsYaml(upstream.url));
  platform = await startPlatformProcess({
    dataDir: join(folder, 'data'),
    files: [join(folder, 'models.yaml')],
    environment: { UPSTREAM_KEY: CANARY, MARU_LOG_LEVEL: 'debug', MARU_CAPTURE_CONTENT: 'true' },
  });
});
afterAll(async () => {
  printMatrix(cells);
  await platform.stop('SIGTERM');
  await upstream.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Runs a program of cells and returns those that failed. */
async function failures(program: string, ...args: readonly string[]): Promise<readonly Cell[]> {
  const environment = { ...process.env, BASE_URL: platform.url, API_KEY: platform.key, LITELLM_LOCAL_MODEL_COST_MAP: 'True' };
  const { stdout } = await run(program, args, { env: environment, timeout: 110_000, cwd: dirname(args.at(-1) ?? '.') });
  const ran = stdout
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Cell);
  cells.push(...ran);
  expect(ran.length).toBeGreaterThan(0);
  return ran.filter((cell) => !cell.ok);
}

describe('unmodified clients of npm', () => {
  let installed: string;
  beforeAll(async () => {
    installed = await installNpmClients();
  });

  it.each(['openai', 'anthropic', 'genai', 'ai-sdk', 'langchain'])('%s: plain, streamed and with tools, over every format', async (name) => {
    expect(await failures(process.execPath, join(installed, `${name}.mjs`))).toEqual([]);
  });
});

describe('unmodified clients of PyPI', () => {
  const programs: readonly (readonly [PythonSet, string])[] = [
    ['sdks', 'python_sdks.py'],
    ['langchain', 'python_langchain.py'],
    ['litellm', 'python_litellm.py'],
    ['llamaindex', 'python_llamaindex.py'],
  ];
  const pythons = new Map<PythonSet, string>();
  beforeAll(async () => {
    await Promise.all(programs.map(async ([set]) => pythons.set(set, await installPythonClients(set))));
  });

  it.each(programs)('%s: plain, streamed and with tools, over every format', async (set, program) => {
    const python = pythons.get(set) ?? '';

    expect(await failures(python, join(dirname(dirname(python)), program))).toEqual([]);
  });
});

describe('the request shapes of coding agents', () => {
  const fixtures = readdirSync(join(import.meta.dirname, 'fixtures'));

  it.each(fixtures)('%s', async (name) => {
    const fixture = JSON.parse(readFileSync(join(import.meta.dirname, 'fixtures', name), 'utf8')) as Fixture;
    for (const model of fixture.models) {
      const response = await fetch(platform.url + fixture.path, {
        method: 'POST',
        headers: { ...fixture.headers, [fixture.keyHeader]: fixture.keyHeader === 'authorization' ? `Bearer ${platform.key}` : platform.key },
        body: JSON.stringify({ ...fixture.body, model }),
      });
      const text = await response.text();
      const ok = response.status === 200 && fixture.expect.every((part) => text.includes(part));
      cells.push({ client: fixture.client, version: fixture.version, api: fixture.path, model, mode: 'tools', ok, why: text.slice(0, 300) });

      expect(ok, text).toBe(true);
    }
  });
});

describe('the keys of upstreams', () => {
  it('reach their vendor and nobody else: no log, no trace, no answer, no file', async () => {
    const headers = { authorization: `Bearer ${platform.key}` };
    const lists = await Promise.all(
      ['/api/v1/traces', '/api/v1/models', '/api/v1/resources', '/metrics', '/v1/models'].map(async (path) =>
        (await fetch(platform.url + path, { headers })).text(),
      ),
    );
    const wrong = await fetch(`${platform.url}/v1/chat/completions`, { method: 'POST', headers, body: JSON.stringify({ model: 'chat', messages: 'x' }) });
    const broken = await fetch(`${platform.url}/v1/chat/completions`, {
      method: 'POST',
      headers,
      body: JSON.stringify({ model: 'nowhere', messages: [{ role: 'user', content: 'x' }] }),
    });

    expect(upstream.seen.some((request) => JSON.stringify(request.headers).includes(CANARY))).toBe(true);
    for (const text of [...lists, await wrong.text(), await broken.text(), platform.output(), JSON.stringify(cells)]) expect(text).not.toContain(CANARY);
    for (const name of filesIn(join(folder, 'data'))) expect(readFileSync(name).includes(CANARY), name).toBe(false);
  });
});

const filesIn = (path: string): readonly string[] =>
  readdirSync(path, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));

interface Fixture {
  readonly client: string;
  readonly version: string;
  readonly path: string;
  readonly models: readonly string[];
  readonly keyHeader: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: object;
  /** Parts of the answer; the first one is the most telling. */
  readonly expect: readonly string[];
}
