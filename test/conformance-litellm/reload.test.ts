import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SourcesStatus } from '@maru/api/wire';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type PlatformProcess, startPlatformProcess } from '../harness/platform-process.ts';

const config = (models: string): string => `model_list:\n${models}general_settings: { master_key: sk-the-key-of-the-reload-test }\n`;
const model = (name: string, key = 'sk-one'): string => `  - { model_name: ${name}, litellm_params: { model: openai/gpt-4o, api_key: ${key} } }\n`;

describe('a LiteLLM configuration that changes', () => {
  const folder = mkdtempSync(join(tmpdir(), 'maru-litellm-reload-'));
  const file = join(folder, 'config.yaml');
  let platform: PlatformProcess;
  const ask = async (path: string): Promise<unknown> =>
    (await fetch(`${platform.url}${path}`, { headers: { authorization: 'Bearer sk-the-key-of-the-reload-test' } })).json();
  const names = async (): Promise<string[]> => ((await ask('/v1/models')) as { data: { id: string }[] }).data.map((entry) => entry.id);
  const sources = async (): Promise<SourcesStatus> => (await ask('/api/v1/sources')) as SourcesStatus;

  beforeAll(async () => {
    writeFileSync(file, config(model('first')));
    platform = await startPlatformProcess({ dataDir: join(folder, 'data'), files: [file] });
  });
  afterAll(async () => {
    await platform.stop('SIGTERM');
    rmSync(folder, { recursive: true, force: true });
  });

  it('is in force without a restart, and says what changed', async () => {
    writeFileSync(file, config(model('first') + model('second')));

    await expect.poll(names, { timeout: 15_000 }).toEqual(['first', 'second']);
    expect((await sources()).changes).toEqual(['+Model/second-1', '+Route/second']);
    expect(platform.output()).toContain('applied the change of the files: +Model/second-1, +Route/second');
  });

  it('takes a new key that stands in the file', async () => {
    writeFileSync(file, config(model('first', 'sk-two') + model('second')));

    await expect.poll(async () => (await sources()).changes, { timeout: 15_000 }).toContain('~Model/first-1');
  });

  it('is refused whole when it is broken, and the old state stays', async () => {
    writeFileSync(file, `include: [gone.yaml]\n${config(model('third'))}`);

    await expect.poll(async () => (await sources()).refused?.message ?? '', { timeout: 15_000 }).toContain('gone.yaml" can not be read');
    expect(await names()).toEqual(['first', 'second']);
  });
});
