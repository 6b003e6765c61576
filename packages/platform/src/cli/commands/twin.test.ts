import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseTwinProfile } from '#engines';
import { runCli } from '../index.ts';

const REPORT = new URL('../__fixtures__/load-report.json', import.meta.url).pathname;

async function run(args: readonly string[], signal = new AbortController().signal, onOut: (text: string) => void = () => undefined) {
  let out = '';
  let err = '';
  const never = async (): Promise<never> => Promise.reject(new Error('not asked for'));
  const code = await runCli(['twin', ...args], {
    io: {
      out: (text) => {
        out += text;
        onOut(text);
      },
      err: (text) => {
        err += text;
      },
      interactive: false,
      colour: false,
      readStdin: async () => '',
      signal,
    },
    ports: { version: '1', up: never, worker: never, operator: never, picker: never, kube: never, simulate: never, bench: never },
  });
  return { code, out, err };
}

describe('maru twin fit', () => {
  it('prints the error at every measured time, and what the times do not tell', async () => {
    const { code, out } = await run(['fit', REPORT, '--name', 'mine']);

    expect(code).toBe(0);
    expect(out).toMatch(/ttft +first token of \d+ prompt tokens/);
    expect(out).toMatch(/itl +32 sequences of \d+/);
    expect(out).toMatch(/4 times: mean error \d+\.\d% \(base \d+\.\d%\), worst \d+\.\d%/);
    expect(out).toContain('mine (simulated): ');
  });

  it('writes a profile that can be read back', async () => {
    const path = join(mkdtempSync(join(tmpdir(), 'maru-twin-')), 'profile.json');
    const { out } = await run(['fit', REPORT, REPORT, '--out', path, '--base', 'h200-llama-3.1-8b', '-o', 'json']);
    const profile = parseTwinProfile(readFileSync(path, 'utf8'), path);

    expect(profile).toMatchObject({ name: 'fitted', gpu: 'H200', status: 'simulated' });
    expect(JSON.parse(out)).toMatchObject({ profile, errors: Array.from({ length: 8 }, () => ({ error: expect.any(Number) as number })) });
  });

  it('says which file is missing, and what is wrong in another', async () => {
    const broken = join(mkdtempSync(join(tmpdir(), 'maru-twin-')), 'broken.json');
    writeFileSync(broken, '{"kind": "maru-load-report"}');

    expect(await run(['fit', '/nowhere.json'])).toMatchObject({ code: 3, err: expect.stringContaining('/nowhere.json') as string });
    expect(await run(['fit', broken])).toMatchObject({ code: 1, err: expect.stringContaining('version') as string });
    expect(await run(['fit', REPORT, '--base', 'b300'])).toMatchObject({ code: 2, err: expect.stringContaining('h100-llama-3.1-8b') as string });
  });
});

describe('maru twin profiles', () => {
  it('lists them with their status', async () => {
    expect((await run(['profiles'])).out).toMatch(/h100-tp2-qwen3-32b +published +2 H100/);
  });
});

describe('maru twin serve', () => {
  it('serves a simulated engine until it is stopped', async () => {
    const stop = new AbortController();
    const seen: { health?: number; models?: unknown; fault?: number } = {};
    const { code, out } = await run(['serve', '--port', '0', '--name', 'mine', '--speed', '1000', '--faults'], stop.signal, (text) => {
      const look = async (): Promise<void> => {
        const url = text.split(' ', 1)[0] ?? '';
        seen.health = (await fetch(`${url}/health`)).status;
        seen.models = await (await fetch(`${url}/v1/models`)).json();
        const body = JSON.stringify({ model: 'mine', prompt: 'hello' });
        seen.fault = (await fetch(`${url}/v1/completions`, { method: 'POST', body, headers: { 'x-maru-twin-fault': 'status=529' } })).status;
      };
      void look().finally(() => stop.abort());
    });

    expect(code).toBe(0);
    expect(out).toContain('serves "mine", simulated with h100-llama-3.1-8b');
    expect(seen).toMatchObject({ health: 200, models: { data: [{ id: 'mine', simulated: true }] }, fault: 529 });
  });

  it('fails as its schedule says, and tells when', async () => {
    const schedule = join(mkdtempSync(join(tmpdir(), 'maru-twin-')), 'faults.yaml');
    writeFileSync(schedule, 'faults:\n  - { at: 0s, kind: xid, code: 48 }\n');
    const stop = new AbortController();
    let health = 0;
    const { out, err } = await run(['serve', '--port', '0', '--fault-schedule', schedule, '--ranks', '2'], stop.signal, (text) => {
      const look = async (): Promise<void> => {
        while (health !== 503) health = (await fetch(`${text.split(' ', 1)[0] ?? ''}/health`)).status;
      };
      void look().finally(() => stop.abort());
    });

    expect(health).toBe(503);
    expect(out).toContain('faults to come: 1');
    expect(err).toContain('fault: XID 48, the GPU is lost');
  });

  it('tells the line where a schedule or a profile is wrong', async () => {
    const file = join(mkdtempSync(join(tmpdir(), 'maru-twin-')), 'wrong.yaml');
    writeFileSync(file, 'faults:\n  - { at: 5s, kind: burn }\n');

    expect((await run(['serve', '--fault-schedule', file])).err).toMatch(/wrong\.yaml:2:\d+: "faults\[0\]\.kind"/);
    expect((await run(['serve', '--profile', file])).err).toMatch(/wrong\.yaml:1:1: /);
    expect((await run(['serve', '--fault-schedule', `${file}.not`])).err).toMatch(/can not read/);
  });

  it.each([
    [['--kv-events-config', 'zmq'], /--kv-events-config must be JSON/],
    [['--kv-events-config', '{"enable_kv_cache_events": 1}'], /--kv-events-config: .*enable_kv_cache_events/],
    [['--kv-events-config', '{"enable_kv_cache_events": true, "publisher": "kafka"}'], /--kv-events-config: .*publisher/],
    [['--kv-events-config', '{"enable_kv_cache_events": true, "endpoint": "5557"}'], /an address such as tcp/],
    [['--speed', 'fast'], /--speed must be a number/],
    [['--port', '-1'], /--port must be a number/],
    [['--profile', 'b900'], /no timing profile is called "b900"/],
    [['--name', 'Not A Name'], /name/],
  ])('refuses %j', async (args, message) => {
    const { code, err } = await run(['serve', ...args]);

    expect(code).not.toBe(0);
    expect(err).toMatch(message);
  });
});
