import { mkdtempSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PlatformError } from '@maru/api/errors';
import { afterEach, describe, expect, it } from 'vitest';
import { type CliPorts, runCli, type SimulateOptions, type SimulateRow } from './index.ts';

const servers: Server[] = [];
afterEach(() => Promise.all(servers.splice(0).map((server) => new Promise((resolve) => server.close(resolve)))));

async function run(args: readonly string[], ports: Partial<CliPorts> = {}, stdin = '') {
  let out = '';
  let err = '';
  const code = await runCli(args, {
    io: {
      out: (text) => {
        out += text;
      },
      err: (text) => {
        err += text;
      },
      interactive: false,
      colour: false,
      readStdin: async () => stdin,
      signal: new AbortController().signal,
    },
    ports: {
      version: '1.2.3',
      up: async () => undefined,
      worker: async () => undefined,
      operator: async () => undefined,
      picker: async () => undefined,
      kube: () => Promise.reject(new PlatformError('internal', { message: 'not asked for' })),
      simulate: async () => [],
      bench: async () => Promise.reject(new PlatformError('internal', { message: 'not asked for' })),
      ...ports,
    },
  });
  return { code, out, err };
}

/** A platform that answers what it is told and remembers what it was asked. */
async function fakePlatform(answer: (path: string, method: string, body: string) => { status?: number; json?: unknown }) {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => {
      body += chunk.toString();
    });
    request.on('end', () => {
      asked.push(`${request.method} ${request.url} ${request.headers.authorization}`);
      const { status = 200, json } = answer(request.url ?? '', request.method ?? '', body);
      response.writeHead(status, { 'content-type': 'application/json' }).end(json === undefined ? '' : JSON.stringify(json));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  servers.push(server);
  return { asked, flags: ['--server', `http://127.0.0.1:${(server.address() as AddressInfo).port}`, '--key', 'sk-test-key'] };
}

const fileWith = (text: string): string => {
  const path = join(mkdtempSync(join(tmpdir(), 'maru-cli-')), 'stack.yaml');
  writeFileSync(path, text);
  return path;
};
const READER = 'apiVersion: maru.dev/v1alpha1\nkind: Model\nmetadata: {name: reader}\nspec:\n  serving: {engine: reader}\n';

describe('maru', () => {
  it('shows help that fits a screen of 24 lines', async () => {
    const { code, out } = await run(['--help']);

    expect(code).toBe(0);
    expect(out.trimEnd().split('\n').length).toBeLessThanOrEqual(24);
    expect(out.split('\n').every((line) => line.length <= 80)).toBe(true);
  });

  it('prints its version', async () => {
    expect(await run(['--version'])).toMatchObject({ code: 0, out: '1.2.3\n' });
  });

  it('ends with 2 for wrong usage, and says what was meant', async () => {
    expect(await run(['validat'])).toMatchObject({ code: 2, err: expect.stringContaining('Did you mean validate?') as string });
    expect(await run(['get', 'modls'])).toMatchObject({ code: 2, err: expect.stringContaining('did you mean "models"?') as string });
    expect(await run(['size', 'llama-3.1-8b'])).toMatchObject({ code: 2 });
    expect(await run(['get', 'models', '--output', 'xml'])).toMatchObject({
      code: 2,
      err: expect.stringContaining('--output must be one of table, json, yaml') as string,
    });
  });

  it('ends with 1 and no stack for an error of the catalogue', async () => {
    const failed = await run(['up'], { up: () => Promise.reject(new PlatformError('port_in_use', { message: 'port 4000 is in use' })) });

    expect(failed).toEqual({ code: 1, out: '', err: 'error port 4000 is in use\n' });
  });

  it('hands the flags of up over', async () => {
    const seen: unknown[] = [];
    await run(['up', '-f', 'a.yaml', '-f', 'b', '--port', '0', '--data-dir', 'd', '--workers', 'auto'], { up: async (options) => void seen.push(options) });

    expect(seen).toEqual([{ files: ['a.yaml', 'b'], host: undefined, port: '0', dataDir: 'd', workers: 'auto' }]);
  });
});

describe('maru validate', () => {
  it('counts what is valid', async () => {
    expect(await run(['validate', fileWith(READER)])).toMatchObject({ code: 0, out: '1 resource is valid\n' });
  });

  it('lists every problem with its place and ends with 1', async () => {
    const { code, err } = await run(['validate', fileWith(READER.replace('engine: reader', 'engine: raeder'))]);

    expect(code).toBe(1);
    expect(err).toMatch(/stack\.yaml:5:13: spec\.serving\.engine: expected one of .* did you mean "reader"\?/);
  });

  it('ends with 3 for a path that does not exist', async () => {
    expect(await run(['validate', '/nowhere'])).toMatchObject({ code: 3 });
  });
});

describe('maru size', () => {
  it('prints its reasoning and the choice', async () => {
    const { code, out } = await run(['size', 'llama-3.1-8b', '--input', '2000', '--output', '500', '--rps', '20', '--ttft', '1s', '--itl', '50ms']);

    expect(code).toBe(0);
    expect(out).toContain('KV cache:');
    expect(out).toMatch(/p5\.4xlarge .*\$/);
  });

  it('prints the plan for programs', async () => {
    const { out } = await run(['size', 'llama-3.1-8b', '--input', '2000', '--output', '500', '--rps', '1', '--format', 'json']);

    expect((JSON.parse(out) as { choice: { replicas: number } }).choice.replicas).toBeGreaterThan(0);
  });

  it('ends with 3 for an unknown model, with near names', async () => {
    expect(await run(['size', 'lama-3.1-8b', '--input', '1', '--output', '1', '--rps', '1'])).toMatchObject({
      code: 3,
      err: expect.stringContaining('llama-3.1-8b') as string,
    });
  });
});

describe('maru render', () => {
  it('prints objects on standard output and notes on standard error', async () => {
    const file = fileWith(
      `apiVersion: maru.dev/v1alpha1\nkind: Model\nmetadata: {name: llama}\nspec:\n  serving: {engine: vllm, source: "hf://meta-llama/Llama-3.1-8B-Instruct", gpu: {count: 1}}\n`,
    );
    const { code, out } = await run(['render', '-f', file, '--namespace', 'ai']);

    expect(code).toBe(0);
    expect(out).toContain('kind: Deployment');
    expect(out).toContain('namespace: ai');
  });
});

describe('maru simulate', () => {
  it('compares policies as a table', async () => {
    const seen: SimulateOptions[] = [];
    const row = {
      policy: 'maru',
      replicas: 4,
      kvBlocks: 600,
      requests: 2,
      offeredPerSecond: 3.4,
      refused: 0.25,
      collapsed: true,
      hitRate: 0.5,
      imbalance: 1,
      ttftMeanMs: 10,
      ttftP95Ms: 20,
      itlMeanMs: 5,
      goodput: 1,
      tokensPerSecond: 100,
      usdPerMillionTokens: 0.2,
    };
    const { code, out } = await run(['simulate', '--trace', 't.jsonl', '--policy', 'maru', '--replicas', '4', '--speed', '1', '--speed', '2', '--seeds', '3'], {
      simulate: async (options) => {
        seen.push(options);
        return [row];
      },
    });

    expect(code).toBe(0);
    expect(seen[0]).toMatchObject({ trace: 't.jsonl', replicas: [4], policies: ['maru'], timing: true, seeds: [1, 2, 3], speeds: [1, 2] });
    for (const text of ['50.0%', 'maru (collapsed)', '3.40', '25.0%']) expect(out).toContain(text);
  });

  it('shows what flow control did and what each tenant got, as tables and as JSON', async () => {
    const tenant = { tenant: 'small-1', priority: 7, requests: 40, refused: 0.05, goodput: 0.95, ttftP95Ms: 321, waitMeanMs: 45 };
    const row: SimulateRow = {
      ...{ policy: 'maru', replicas: 4, kvBlocks: 600, requests: 2, offeredPerSecond: 3.4, refused: 0.25, collapsed: false, hitRate: 0.5, imbalance: 1 },
      ...{ ttftMeanMs: 10, ttftP95Ms: 20, itlMeanMs: 5, goodput: 1, tokensPerSecond: 100, usdPerMillionTokens: 0.2 },
      ...{ flow: 'on', waited: 0.5, waitMeanMs: 111, waitP95Ms: 222, shed: { deadline: 3, 'over-share': 4 }, fairness: 0.87, tenants: [tenant] },
    };
    const seen: SimulateOptions[] = [];
    const simulate = async (options: SimulateOptions): Promise<readonly SimulateRow[]> => {
      seen.push(options);
      return [row];
    };
    const args = ['simulate', '--trace', 't.jsonl', '--flow', 'off', '--flow', 'maxWait=5s'];

    const { out } = await run(args, { simulate });

    expect(seen[0]?.flows).toEqual(['off', 'maxWait=5s']);
    for (const text of ['FLOW', '50.0%', '111', '222', 'deadline 3, over-share 4', '0.87', 'TENANT', 'small-1', '95.0%', '321']) expect(out).toContain(text);
    expect(JSON.parse((await run([...args, '-o', 'json'], { simulate })).out)).toEqual([row]);
  });

  it('refuses a number that is none', async () => {
    expect(await run(['simulate', '--trace', 't', '--replicas', 'many'])).toMatchObject({
      code: 2,
      err: expect.stringContaining('--replicas must be a number above 0, not "many"') as string,
    });
  });
});

describe('commands that talk to a platform', () => {
  it('list resources with the key that they were given', async () => {
    const { asked, flags } = await fakePlatform(() => ({
      json: {
        items: [
          { apiVersion: 'maru.dev/v1alpha1', kind: 'Model', metadata: { name: 'reader' }, spec: { serving: { engine: 'reader' } }, status: { phase: 'Ready' } },
        ],
      },
    }));
    const table = await run(['get', 'mdl', ...flags]);
    const json = await run(['get', 'models/reader', '--output', 'json', ...flags]);

    expect(table.out).toMatch(/NAME\s+ENGINE\s+PROVIDER\s+READY\s+PHASE\nreader\s+reader/);
    expect(JSON.parse(json.out)).toMatchObject({ metadata: { name: 'reader' } });
    expect(asked[0]).toBe('GET /api/v1/resources?kind=Model Bearer sk-test-key');
  });

  it('end with 3 for a name that does not exist', async () => {
    const { flags } = await fakePlatform(() => ({ json: { items: [] } }));

    expect(await run(['get', 'model', 'gone', ...flags])).toMatchObject({ code: 3 });
  });

  it('pass on the error of the platform', async () => {
    const { flags } = await fakePlatform(() => ({
      status: 400,
      json: { error: { code: 'reference_missing', message: '(input):1:1: no Model is called "x"' } },
    }));

    expect(await run(['apply', '-f', fileWith(READER), ...flags])).toEqual({ code: 1, out: '', err: 'error (input):1:1: no Model is called "x"\n' });
  });

  it('say how to start a platform when none answers', async () => {
    expect(await run(['get', '--server', 'http://127.0.0.1:9'])).toMatchObject({ code: 1, err: expect.stringContaining('start one with "maru up"') as string });
  });

  it('apply standard input and tell what changed', async () => {
    const { flags } = await fakePlatform((_path, _method, body) => ({
      json: { created: [(JSON.parse(body) as { yaml: string }).yaml.includes('reader') ? 'Model/reader' : '?'], changed: [], unchanged: [] },
    }));

    expect(await run(['apply', '-f', '-', ...flags], {}, READER)).toMatchObject({ code: 0, out: 'Model/reader created\n' });
  });

  it('delete in the reverse order of a file', async () => {
    const { asked, flags } = await fakePlatform(() => ({ status: 204 }));
    await run(['delete', '-f', fileWith(`${READER}---\n${READER.replace('name: reader', 'name: second')}`), ...flags]);

    expect(asked.map((line) => line.split(' ')[1])).toEqual(['/api/v1/resources/Model/second', '/api/v1/resources/Model/reader']);
  });

  it('print the secret of a new key alone on standard output', async () => {
    const key = {
      id: 'key_1',
      name: 'ci',
      prefix: 'sk-maru-ab',
      tenant: 'default',
      models: null,
      user: null,
      budgets: [],
      limits: null,
      tags: [],
      blocked: false,
      createdMs: 1,
      expiresMs: null,
      lastUsedMs: null,
      revokedMs: null,
      spentNanoUsd: 0,
    };
    const { flags } = await fakePlatform(() => ({ status: 201, json: { key, secret: 'sk-maru-secret' } }));

    expect(await run(['key', 'create', 'ci', ...flags])).toMatchObject({ code: 0, out: 'sk-maru-secret\n' });
  });

  it('end an evaluation with 1 when its verdict is fail', async () => {
    const base = {
      id: 'eval_1',
      evaluation: 'e',
      dataset: 'd',
      target: 'agent/a',
      state: 'succeeded',
      verdict: 'fail',
      reasons: ['hit is 0.5, below 0.8'],
      createdMs: 1,
      endedMs: 2,
      rows: 2,
      rowsDone: 2,
      rowsFailed: 0,
      means: { hit: 0.5 },
      thresholds: { hit: 0.8 },
      costNanoUsd: null,
      error: null,
    };
    const { flags } = await fakePlatform(() => ({ json: base }));
    const { code, out, err } = await run(['eval', 'e', ...flags]);

    expect(code).toBe(1);
    expect(out).toMatch(/hit\s+0\.500\s+0\.800/);
    expect(err).toContain('hit is 0.5, below 0.8');
  });
});

describe('maru completion', () => {
  it.each(['bash', 'zsh', 'fish'])('prints a script for %s that knows the commands', async (shell) => {
    const { code, out } = await run(['completion', shell]);

    expect(code).toBe(0);
    expect(out).toContain('simulate');
  });
});
