import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { installPackages } from '../harness/install-packages.ts';
import { startPlatformProcess } from '../harness/platform-process.ts';

const root = join(import.meta.dirname, '..', '..');
const folder = mkdtempSync(join(tmpdir(), 'maru-package-'));

describe('the packages that npm installs', () => {
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('start from an empty folder as plain JavaScript, with console, quickstart and answers', { timeout: 900_000 }, async () => {
    const files = execFileSync(process.execPath, [join(root, 'scripts/pack.ts')], { cwd: root, encoding: 'utf8' })
      .trim()
      .split('\n');
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, overrides: { '@langchain/langgraph-sdk': '1.12.0' } }));
    await installPackages('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error', ...files], folder);

    const platform = await startPlatformProcess({
      dataDir: join(folder, 'data'),
      command: [process.execPath, join(folder, 'node_modules/.bin/maru')],
      cwd: folder,
    });
    const page = await (await fetch(`${platform.url}/`, { headers: { accept: 'text/html' } })).text();
    const answer = await fetch(`${platform.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${platform.key}`, 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'auto', messages: [{ role: 'user', content: 'hello' }] }),
    });
    const agent = await fetch(`${platform.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${platform.key}`, 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'agent/guide', messages: [{ role: 'user', content: 'What is (2 + 3) * 7?' }] }),
    });

    expect(page).toContain('<div id="root"');
    expect(answer.status).toBe(200);
    expect(JSON.stringify(await agent.json())).toContain('35');
    expect(await platform.stop('SIGTERM')).toBe(0);
    // The program knows itself, so the next start may recall what this one has read.
    expect(existsSync(join(folder, 'data/cache/resources.json'))).toBe(true);
  });
});
