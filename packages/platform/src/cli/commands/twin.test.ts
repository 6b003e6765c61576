import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseTwinProfile } from '#engines';
import { runCli } from '../index.ts';

const REPORT = new URL('../__fixtures__/load-report.json', import.meta.url).pathname;

async function run(args: readonly string[]) {
  let out = '';
  let err = '';
  const never = async (): Promise<never> => Promise.reject(new Error('not asked for'));
  const code = await runCli(['twin', ...args], {
    io: {
      out: (text) => {
        out += text;
      },
      err: (text) => {
        err += text;
      },
      interactive: false,
      colour: false,
      readStdin: async () => '',
      signal: new AbortController().signal,
    },
    ports: { version: '1', up: never, worker: never, operator: never, simulate: never, bench: never },
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
    const profile = parseTwinProfile(readFileSync(path, 'utf8'));

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
