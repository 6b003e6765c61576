import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { startPlatform } from '../../packages/platform/src/cmd/platform.ts';
import { readConfig } from '../../packages/platform/src/config/index.ts';
import { loadFiles } from '../../packages/platform/src/resources/index.ts';
import { ENVIRONMENT } from './environment.ts';

const folder = join(import.meta.dirname, 'configs');

describe('a platform on a LiteLLM configuration', () => {
  it.each(readdirSync(folder).filter((name) => name.endsWith('.yaml')))('%s boots and lists its public names', async (name) => {
    const dataDir = mkdtempSync(join(tmpdir(), 'maru-litellm-boot-'));
    const file = join(folder, name);
    const { litellm } = await loadFiles([file], { environment: (variable) => ENVIRONMENT[variable] });
    const said: string[] = [];
    const platform = await startPlatform({ config: readConfig({ port: '0', dataDir }), files: [file], version: '0.0.0', say: (text) => void said.push(text) });
    const ask = async (path: string, key = platform.masterKey): Promise<Response> =>
      fetch(`${platform.url}${path}`, { headers: { authorization: `Bearer ${key}` } });
    try {
      const names = ((await (await ask('/v1/models')).json()) as { data: { id: string }[] }).data.map((model) => model.id);
      const infos = ((await (await ask('/model/info')).json()) as { data: { model_name: string }[] }).data.map((model) => model.model_name);
      const readiness = (await (await fetch(`${platform.url}/health/readiness`)).json()) as { status: string };
      const sources = (await (await ask('/api/v1/sources')).json()) as { warnings: string[]; files: string[] };

      expect(platform.masterKey).toBe(litellm?.settings.masterKey);
      for (const info of infos) expect(names).toContain(info);
      expect(readiness.status).toBe('healthy');
      expect(sources.files[0]).toBe(file);
      expect(sources.warnings.every((warning) => /\.yaml:\d+: /.test(warning))).toBe(true);
      expect(said.filter((text) => text.startsWith('warning: '))).toHaveLength(sources.warnings.length);
    } finally {
      await platform.close();
      rmSync(dataDir, { recursive: true, force: true });
    }
  });
});
