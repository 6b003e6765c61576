import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { startPlatformProcess } from '../harness/platform-process.ts';

const root = join(import.meta.dirname, '..', '..');
const folder = mkdtempSync(join(tmpdir(), 'maru-examples-'));

function maru(...args: string[]): { code: number | null; out: string; err: string } {
  const result = spawnSync(process.execPath, [join(root, 'packages/platform/bin/maru.js'), ...args], {
    cwd: root,
    encoding: 'utf8',
    timeout: 100_000,
  });
  return { code: result.status, out: result.stdout, err: result.stderr };
}

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('examples', () => {
  it('are all tested here', () => {
    expect(readdirSync(join(root, 'examples')).sort()).toEqual(['README.md', 'dynamo', 'litellm', 'quickstart', 'served-models']);
  });

  it('quickstart: the agent passes its evaluation and the pipeline publishes', async () => {
    const platform = await startPlatformProcess({ dataDir: join(folder, 'quickstart') });
    const server = ['--server', platform.url, '--key', platform.key];

    const pipeline = await fetch(`${platform.url}/api/v1/pipelines/ingest-evaluate-publish/runs`, {
      method: 'POST',
      headers: { authorization: `Bearer ${platform.key}`, 'content-type': 'application/json' },
      body: '{}',
    });
    const { id } = (await pipeline.json()) as { id: string };
    let state = 'running';
    for (let attempt = 0; attempt < 200 && ['queued', 'running'].includes(state); attempt += 1) {
      await new Promise((resolve) => setTimeout(resolve, 300));
      ({
        run: { state },
      } = (await (await fetch(`${platform.url}/api/v1/runs/${id}`, { headers: { authorization: `Bearer ${platform.key}` } })).json()) as {
        run: { state: string };
      });
    }
    const verdict = maru('eval', 'guide-answers', ...server);

    expect(state).toBe('succeeded');
    expect(verdict.err).toContain('guide-answers: pass');
    expect(verdict.code).toBe(0);
    expect(maru('get', 'route/published', ...server).code).toBe(0);
    expect(await platform.stop('SIGTERM')).toBe(0);
  });

  it('quickstart: is valid and renders', () => {
    expect(maru('validate', 'examples/quickstart').code).toBe(0);
    const rendered = maru('render', '-f', 'examples/quickstart');
    expect(rendered.code).toBe(0);
    expect(rendered.out).toContain('kind: NodePool');
  });

  it('litellm: becomes two models and a route', async () => {
    const platform = await startPlatformProcess({ dataDir: join(folder, 'litellm'), files: ['examples/litellm/config.yaml'] });
    const models = maru('get', 'models', '--server', platform.url, '--key', platform.key);

    expect(models.out).toMatch(/llama-1[\s\S]*llama-2/);
    expect(maru('describe', 'route/llama', '--server', platform.url, '--key', platform.key).out).toContain('Model/llama-1, Model/llama-2');
    await platform.stop('SIGTERM');
  });

  it('served-models: is valid, renders with tensor parallelism and time slicing, and can be sized', () => {
    expect(maru('validate', 'examples/served-models').code).toBe(0);
    const rendered = maru('render', '-f', 'examples/served-models', '--cluster-name', 'my-cluster');
    expect(rendered.code).toBe(0);
    expect(rendered.out).toContain('--tensor-parallel-size');
    expect(rendered.out).toContain('timeSlicing');
    expect(maru('size', 'llama-3.3-70b', '--input', '2000', '--output', '500', '--rps', '5', '--ttft', '2s', '--itl', '60ms').code).toBe(0);
  });
});
