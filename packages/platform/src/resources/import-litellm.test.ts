import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkSet, loadFiles } from './index.ts';

async function load(text: string) {
  const file = join(await mkdtemp(join(tmpdir(), 'maru-')), 'litellm.yaml');
  await writeFile(file, text);
  return loadFiles([file]);
}

describe('a LiteLLM config', () => {
  it('becomes models, with prices per million and keys by reference', async () => {
    const { resources, problems } = await load(`model_list:
  - model_name: gpt-4o
    litellm_params: {model: gpt-4o, api_key: os.environ/OPENAI_API_KEY}
    model_info: {input_cost_per_token: 0.000005, output_cost_per_token: 0.000015}
  - model_name: claude
    litellm_params: {model: anthropic/claude-sonnet-4-5, api_key: os.environ/ANTHROPIC_API_KEY}
`);

    expect(problems).toEqual([]);
    expect(resources.map((entry) => entry.resource.spec)).toMatchObject([
      { provider: { name: 'openai', model: 'gpt-4o', apiKey: { env: 'OPENAI_API_KEY' } }, price: { inputUsdPerMillion: 5, outputUsdPerMillion: 15 } },
      { provider: { name: 'anthropic', model: 'claude-sonnet-4-5' } },
    ]);
  });

  it('makes a route of several deployments of one name', async () => {
    const { resources } = await load(`model_list:
  - model_name: llama
    litellm_params: {model: hosted_vllm/llama, api_base: "http://a:8000/v1"}
  - model_name: llama
    litellm_params: {model: hosted_vllm/llama, api_base: "http://b:8000/v1"}
`);

    expect(resources.map((entry) => `${entry.resource.kind}/${entry.resource.metadata.name}`)).toEqual(['Model/llama-1', 'Model/llama-2', 'Route/llama']);
    expect(checkSet(resources)).toEqual([]);
  });

  it('keeps a name that is no resource name as an alias', async () => {
    const { resources } = await load('model_list:\n  - model_name: Team/GPT 4\n    litellm_params: {model: openai/gpt-4o}\n');

    const route = resources.find((entry) => entry.resource.kind === 'Route')?.resource;
    expect(route?.kind === 'Route' && route.spec.aliases).toEqual(['Team/GPT 4']);
  });

  it('names what it leaves out, and never takes a written key over', async () => {
    const { resources, warnings } = await load(
      'model_list:\n  - model_name: a\n    litellm_params: {model: openai/gpt-4o, api_key: sk-written}\n  - model_name: b\n    litellm_params: {model: watsonx/granite}\nrouter_settings: {}\n',
    );

    expect(warnings.join('\n')).toMatch(/"router_settings" is not taken over yet/);
    expect(warnings.join('\n')).toMatch(/"b" uses the provider "watsonx"/);
    expect(JSON.stringify(resources)).not.toContain('sk-written');
  });
});

describe('loadFiles', () => {
  it('says which path does not exist', async () => {
    await expect(loadFiles(['/nowhere/stack.yaml'])).rejects.toMatchObject({ code: 'not_found', message: '"/nowhere/stack.yaml" does not exist' });
  });
});
