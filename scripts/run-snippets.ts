// Runs every shell block of README and docs against a platform of its own, and checks every block of YAML that holds resources.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseResources } from '../packages/platform/src/resources/index.ts';
import { startPlatformProcess } from '../test/harness/platform-process.ts';

const root = join(import.meta.dirname, '..');
const pages = [
  'README.md',
  'README.ko.md',
  ...['docs', 'docs/gateway', 'docs/routing'].flatMap((part) =>
    readdirSync(join(root, part))
      .filter((name) => name.endsWith('.md'))
      .map((name) => `${part}/${name}`),
  ),
];

interface Block {
  readonly page: string;
  readonly line: number;
  readonly language: string;
  readonly text: string;
}

function blocksOf(page: string): Block[] {
  const text = readFileSync(join(root, page), 'utf8');
  return [...text.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)].map((match) => ({
    page,
    line: text.slice(0, match.index).split('\n').length,
    language: match[1] ?? '',
    text: match[2] ?? '',
  }));
}

const folder = mkdtempSync(join(tmpdir(), 'maru-snippets-'));
const shims = join(folder, 'shims');
mkdirSync(shims);
const dataDir = join(folder, '.maru');
const platform = await startPlatformProcess({ dataDir });
await handbookRead();
writeFileSync(join(shims, 'npx'), `#!/bin/sh\nshift\nexec "${process.execPath}" "${join(root, 'packages/platform/bin/maru.js')}" "$@"\n`, { mode: 0o755 });

let passed = 0;
let failed = 0;
const report = (block: Block, problem: string | undefined): void => {
  if (problem === undefined) passed += 1;
  else {
    failed += 1;
    process.stdout.write(`FAILED ${block.page}:${block.line}\n${problem.replace(/^/gm, '  ')}\n`);
  }
};

for (const block of pages.flatMap(blocksOf)) {
  if (block.language === 'yaml' && block.text.includes('maru.dev/')) {
    const { problems } = parseResources(block.text, { file: block.page });
    report(block, problems.length === 0 ? undefined : problems.map((problem) => `${problem.path}: ${problem.message}`).join('\n'));
  } else if (block.language === 'json') {
    report(block, isJson(block.text) ? undefined : 'not valid JSON');
  } else if (block.language === 'sh') {
    const script = block.text.replaceAll('http://127.0.0.1:4000', platform.url);
    const result = spawnSync('bash', ['-euo', 'pipefail', '-c', script], {
      cwd: folder,
      encoding: 'utf8',
      timeout: 120_000,
      env: { ...process.env, PATH: `${shims}:${process.env['PATH'] ?? ''}`, MARU_SERVER: platform.url, MARU_DATA_DIR: dataDir, NO_COLOR: '1' },
    });
    const refused = /^\{"error"/m.test(result.stdout);
    report(block, result.status === 0 && !refused ? undefined : `exit ${result.status}\n${result.stdout}${result.stderr}`);
  }
}
await platform.stop('SIGTERM');
rmSync(folder, { recursive: true, force: true });
process.stdout.write(`${passed} snippets passed, ${failed} failed\n`);
process.exitCode = failed === 0 ? 0 : 1;

/** Snippets ask about the handbook: without the wait, their answers would depend on how far its first ingestion is. */
async function handbookRead(): Promise<void> {
  const headers = { authorization: `Bearer ${platform.key}`, 'content-type': 'application/json' };
  const started = await fetch(`${platform.url}/api/v1/knowledge/handbook/ingestions`, { method: 'POST', headers, body: '{}' });
  let { run } = (await started.json()) as { run: { id: string; state: string } };
  while (['queued', 'running', 'waiting'].includes(run.state)) {
    await new Promise((resolve) => setTimeout(resolve, 300));
    ({ run } = (await (await fetch(`${platform.url}/api/v1/runs/${run.id}`, { headers })).json()) as { run: { id: string; state: string } });
  }
  if (run.state !== 'succeeded') throw new Error(`the handbook could not be read: ${run.state}`);
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
