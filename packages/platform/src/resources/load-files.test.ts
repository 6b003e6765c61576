import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadFiles } from './index.ts';

const NOTHING = { environment: () => undefined };
const makeFolder = (): Promise<string> => mkdtemp(join(tmpdir(), 'maru-'));

describe('loadFiles', () => {
  it('says which path does not exist', async () => {
    await expect(loadFiles(['/nowhere/stack.yaml'], NOTHING)).rejects.toMatchObject({ code: 'not_found', message: '"/nowhere/stack.yaml" does not exist' });
  });

  it('reads resources and LiteLLM configurations of one folder', async () => {
    const folder = await makeFolder();
    await writeFile(join(folder, 'a.yaml'), 'apiVersion: maru.dev/v1alpha1\nkind: Tenant\nmetadata: {name: red}\nspec: {}\n');
    await writeFile(join(folder, 'config.yaml'), 'model_list:\n  - {model_name: gpt, litellm_params: {model: openai/gpt-4o, api_key: sk-in-the-file}}\n');

    const loaded = await loadFiles([folder], NOTHING);

    expect(loaded.resources.map((entry) => `${entry.resource.kind}/${entry.resource.metadata.name}`)).toEqual(['Tenant/red', 'Model/gpt-1', 'Route/gpt']);
    expect([...(loaded.litellm?.secrets.values() ?? [])]).toEqual(['sk-in-the-file']);
  });

  it('reads a part of a configuration once, where it is included', async () => {
    const folder = await makeFolder();
    await mkdir(join(folder, 'parts'));
    await writeFile(join(folder, 'config.yaml'), 'include: [models.yaml, parts/more.yaml]\nmodel_list: []\n');
    await writeFile(join(folder, 'models.yaml'), 'model_list:\n  - {model_name: one, litellm_params: {model: openai/gpt-4o}}\n');
    await writeFile(join(folder, 'parts', 'more.yaml'), 'model_list:\n  - {model_name: two, litellm_params: {model: openai/gpt-4o}}\n');

    const loaded = await loadFiles([folder], NOTHING);

    expect(loaded.resources.filter((entry) => entry.resource.kind === 'Route').map((entry) => entry.resource.metadata.name)).toEqual(['one', 'two']);
    expect(loaded.files).toEqual(['config.yaml', 'models.yaml', 'parts/more.yaml'].map((name) => join(folder, name)));
  });

  it('says the place of a configuration that is not YAML', async () => {
    const file = join(await makeFolder(), 'config.yaml');
    await writeFile(file, 'model_list:\n  - model_name: "open\n');

    const { problems, resources } = await loadFiles([file], NOTHING);

    expect(resources).toEqual([]);
    expect(problems[0]).toMatchObject({ file, code: 'yaml_syntax' });
  });
});
