import { isPlatformError, PlatformError } from '@maru/api/errors';
import { type Model, modelKind } from '@maru/api/resources';
import { describe, expect, it } from 'vitest';
import { createFakeClock } from '#time';
import { type CreateEnginesDeps, createEngines, operationsOf } from './create-engines.ts';
import type { Engine } from './engine.ts';

const modelOf = (spec: object): Model => modelKind.schema.parse({ apiVersion: 'maru.dev/v1alpha1', kind: 'Model', metadata: { name: 'm' }, spec }) as Model;

const fakeEngine = (endpoint: string, provider: string): Engine => ({
  endpoint,
  model: 'm',
  provider,
  servedName: 'm',
  simulated: true,
  call: () => Promise.reject(new PlatformError('no_endpoint', { message: 'not made to be called' })),
  load: () => ({ running: 0, waiting: 0 }),
  close: () => Promise.resolve(),
});

const deps: CreateEnginesDeps = {
  clock: createFakeClock(),
  environment: {},
  resolveSecret: (ref) => {
    if ('env' in ref && ref.env === 'SET') return 'sk-secret';
    throw new PlatformError('config_invalid', { message: 'the secret is not set' });
  },
  endpointsOf: () => [1, 2].map((host) => ({ endpoint: `remote-10.0.0.${host}:8000`, baseUrl: `http://10.0.0.${host}:8000/v1` })),
  standIns: true,
  createTwin: (replica) => fakeEngine(replica.endpoint, 'twin'),
  createReader: (replica) => fakeEngine(replica.endpoint, 'reader'),
};

const brief = (engines: readonly Engine[]): object[] =>
  engines.map(({ endpoint, model, provider, servedName, simulated }) => ({ endpoint, model, provider, servedName, simulated }));

const failure = (spec: object): unknown => {
  try {
    createEngines(modelOf(spec), deps);
    return undefined;
  } catch (error) {
    return error;
  }
};

describe('createEngines', () => {
  it.each(['openai', 'anthropic', 'gemini'])('knows the address of %s', (name) => {
    const engines = createEngines(modelOf({ provider: { name, model: 'big', apiKey: { env: 'SET' } } }), deps);

    expect(brief(engines)).toEqual([{ endpoint: 'm', model: 'm', provider: name, servedName: 'big', simulated: false }]);
  });

  it('makes one engine per address', () => {
    const engines = createEngines(modelOf({ provider: { name: 'openai-compatible', model: 'big', endpoints: ['http://a:1/v1', 'http://b:2/v1'] } }), deps);

    expect(engines.map((engine) => engine.endpoint)).toEqual(['m-0', 'm-1']);
  });

  it('hands replicas that run here to their factories', () => {
    expect(brief(createEngines(modelOf({ serving: { engine: 'twin', replicas: 3 } }), deps))).toMatchObject([
      { endpoint: 'm-0', provider: 'twin' },
      { endpoint: 'm-1', provider: 'twin' },
      { endpoint: 'm-2', provider: 'twin' },
    ]);
    expect(brief(createEngines(modelOf({ serving: { engine: 'reader' } }), deps))).toMatchObject([{ endpoint: 'm-0', provider: 'reader' }]);
  });

  it('calls the replicas that a cluster runs by their addresses', () => {
    const engines = createEngines(modelOf({ serving: { engine: 'vllm', servedName: 'meta/llama' } }), deps);

    expect(brief(engines)).toMatchObject([
      { endpoint: 'remote-10.0.0.1:8000', provider: 'vllm', servedName: 'meta/llama' },
      { endpoint: 'remote-10.0.0.2:8000', provider: 'vllm', servedName: 'meta/llama' },
    ]);
  });

  it('refuses a compatible server without an address', () => {
    expect(isPlatformError(failure({ provider: { name: 'openai-compatible', model: 'x' } }), 'resource_invalid')).toBe(true);
  });

  it('refuses a vendor without a key', () => {
    const error = failure({ provider: { name: 'openai', model: 'x' } });

    expect(isPlatformError(error, 'resource_invalid')).toBe(true);
    expect(String(error)).toContain('apiKey');
  });

  it('passes on that a secret is not set', () => {
    expect(isPlatformError(failure({ provider: { name: 'openai', model: 'x', apiKey: { env: 'UNSET' } } }), 'config_invalid')).toBe(true);
  });

  it('reads the operations from the capabilities', () => {
    expect(operationsOf(modelOf({ serving: { engine: 'reader' }, capabilities: ['embeddings'] }))).toEqual(['embeddings']);
  });
});
