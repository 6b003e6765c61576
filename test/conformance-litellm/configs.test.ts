import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkSet, loadFiles } from '../../packages/platform/src/resources/index.ts';
import { describeRouting } from './describe-routing.ts';
import { ENVIRONMENT } from './environment.ts';

const folder = join(import.meta.dirname, 'configs');
const CONFIGS = readdirSync(folder).filter((name) => name.endsWith('.yaml'));

describe('LiteLLM configurations', () => {
  it('are at least 25', () => {
    expect(CONFIGS.length).toBeGreaterThanOrEqual(25);
  });

  it.each(CONFIGS)('%s becomes the routing table of its golden file', async (name) => {
    const loaded = await loadFiles([join(folder, name)], { environment: (variable) => ENVIRONMENT[variable] });

    expect(loaded.problems).toEqual([]);
    expect(checkSet(loaded.resources)).toEqual([]);
    await expect(describeRouting(loaded, `${folder}/`)).toMatchFileSnapshot(join(import.meta.dirname, '__golden__', `${name.replace('.yaml', '')}.txt`));
  });

  it.each(CONFIGS)('%s keeps every secret out of its resources', async (name) => {
    const loaded = await loadFiles([join(folder, name)], { environment: (variable) => ENVIRONMENT[variable] });
    const text = JSON.stringify(loaded.resources) + loaded.resources.map((entry) => entry.yaml).join('\n') + loaded.warnings.join('\n');

    expect(text).not.toMatch(/canary|sk-of-provider|sk-internal|sk-from-the-file|private_key/);
  });
});
