import { isPlatformError } from '@maru/api/errors';
import { type Model, modelKind } from '@maru/api/resources';
import { describe, expect, it } from 'vitest';
import { addressesOf } from './addresses.ts';
import { PROVIDER_TABLE } from './provider-table.ts';

type Provider = NonNullable<Model['spec']['provider']>;

const addresses = (provider: object, environment: Record<string, string> = {}): readonly string[] => {
  const model = modelKind.schema.parse({
    apiVersion: 'maru.dev/v1alpha1',
    kind: 'Model',
    metadata: { name: 'm' },
    spec: { provider: { model: 'x', ...provider } },
  }) as Model;
  const own = model.spec.provider as Provider;
  return addressesOf({ name: 'm', provider: own, entry: PROVIDER_TABLE[own.name], environment });
};
const refusal = (provider: object, environment: Record<string, string> = {}): unknown => {
  try {
    return addresses(provider, environment);
  } catch (error) {
    return error;
  }
};
const apiKey = { env: 'KEY' };

describe('addressesOf', () => {
  it('takes the address of the table, the one of the resource, or its endpoints', () => {
    expect(addresses({ name: 'groq', apiKey })).toEqual(['https://api.groq.com/openai/v1']);
    expect(addresses({ name: 'groq', baseUrl: 'http://proxy:1/v1' })).toEqual(['http://proxy:1/v1']);
    expect(addresses({ name: 'vllm', endpoints: ['http://a:1/v1', 'http://b:1/v1'] })).toEqual(['http://a:1/v1', 'http://b:1/v1']);
    expect(addresses({ name: 'ollama' })).toEqual(['http://127.0.0.1:11434/v1']);
  });

  it.each([
    [{ name: 'vertex', project: 'p', region: 'us-central1' }, {}, 'https://us-central1-aiplatform.googleapis.com/v1/projects/p/locations/us-central1'],
    [{ name: 'vertex' }, { GOOGLE_CLOUD_PROJECT: 'p' }, 'https://aiplatform.googleapis.com/v1/projects/p/locations/global'],
    [{ name: 'bedrock', region: 'eu-west-1' }, { AWS_REGION: 'us-east-1' }, 'https://bedrock-runtime.eu-west-1.amazonaws.com'],
    [{ name: 'bedrock' }, { AWS_DEFAULT_REGION: 'us-east-1' }, 'https://bedrock-runtime.us-east-1.amazonaws.com'],
    [{ name: 'bedrock', region: 'cn-north-1' }, {}, 'https://bedrock-runtime.cn-north-1.amazonaws.com.cn'],
  ])('makes the address of %j', (provider, environment, url) => {
    expect(addresses(provider, environment)).toEqual([url]);
  });

  it.each([
    [{ name: 'groq' }, 'apiKey'],
    [{ name: 'azure' }, 'https://RESOURCE.openai.azure.com'],
    [{ name: 'databricks', apiKey }, 'https://WORKSPACE/serving-endpoints'],
    [{ name: 'vertex' }, 'GOOGLE_CLOUD_PROJECT'],
    [{ name: 'bedrock' }, 'AWS_REGION'],
  ])('says what is missing in %j', (provider, what) => {
    const error = refusal(provider);

    expect(isPlatformError(error, 'resource_invalid')).toBe(true);
    expect(String(error)).toContain(what);
  });

  it.each(['eu-west-1.evil.com/', '../x', 'a b'])('can not be led elsewhere by the region %j', (region) => {
    expect(() => addresses({ name: 'bedrock', region })).toThrow();
  });
});
