import { join } from 'node:path';
import { PlatformError } from '@maru/api/errors';
import { describe, expect, it } from 'vitest';
import { createMemoryKube, type KubeObject, type MemoryKube } from '#kube';
import { createFakeClock, createSeededIds } from '#time';
import { type CliPorts, runCli } from '../index.ts';
import { objectState } from './object-state.ts';
import { waitForObjects } from './wait-for-objects.ts';

const EXAMPLE = join(import.meta.dirname, '../../../../../examples/dynamo/vllm-disagg');
const GRAPH = { apiVersion: 'nvidia.com/v1beta1', kind: 'DynamoGraphDeployment', name: 'vllm-disagg', namespace: 'maru' };

const memory = (lacks: readonly string[] = []): MemoryKube => createMemoryKube({ ids: createSeededIds(), nowMs: () => 0, lacks });
const never = async (): Promise<never> => Promise.reject(new PlatformError('internal', { message: 'not asked for' }));

async function run(kube: MemoryKube, ...args: string[]) {
  let out = '';
  let err = '';
  const ports: CliPorts = { version: '1', up: never, worker: never, operator: never, picker: never, simulate: never, bench: never, kube: async () => kube };
  const code = await runCli([...args, '-f', EXAMPLE, '--kube'], {
    io: {
      out: (text) => {
        out += text;
      },
      err: (text) => {
        err += text;
      },
      interactive: false,
      colour: false,
      readStdin: async () => '',
      signal: new AbortController().signal,
    },
    ports,
  });
  return { code, out, err };
}

const graphIn = (kube: MemoryKube): KubeObject | undefined => kube.objects().find(({ kind }) => kind === 'DynamoGraphDeployment');

describe('maru deploy, test and clean on a cluster', () => {
  it('apply what the files make, say what is not ready, and end with 1 for it', async () => {
    const kube = memory();

    const deployed = await run(kube, 'deploy', '--wait', '1s');

    expect(deployed.out).toContain('DynamoGraphDeployment/vllm-disagg applied\n');
    expect(deployed.err).toContain('DynamoGraphDeployment/vllm-disagg pending: not seen by the Dynamo operator yet');
    expect(deployed.code).toBe(1);
    expect(graphIn(kube)?.['spec']).toMatchObject({
      components: [{ name: 'Frontend' }, { name: 'DecodeWorker', replicas: 2 }, { name: 'PrefillWorker', replicas: 1 }],
    });
  });

  it('end with 0 when the graph has succeeded, and tell so', async () => {
    const kube = memory();
    await run(kube, 'deploy', '--wait', '1s');
    await kube.patchStatus(GRAPH, { state: 'successful' });

    expect(await run(kube, 'deploy')).toMatchObject({ code: 0 });
    expect(await run(kube, 'test')).toMatchObject({ code: 0, out: expect.stringContaining('ok      DynamoGraphDeployment/vllm-disagg  ready: successful') });
  });

  it('do not wait for a graph that has failed', async () => {
    const kube = memory();
    await run(kube, 'deploy', '--wait', '1s');
    await kube.patchStatus(GRAPH, { state: 'failed', conditions: [{ type: 'Ready', status: 'False', message: 'insufficient_capacity' }] });

    expect(await run(kube, 'deploy')).toMatchObject({ code: 1, err: expect.stringContaining('failed: failed: insufficient_capacity') });
    expect(await run(kube, 'test')).toMatchObject({ code: 1, out: expect.stringContaining('FAILED  DynamoGraphDeployment/vllm-disagg') });
  });

  it('find what is not there', async () => {
    expect(await run(memory(), 'test')).toMatchObject({ code: 1, out: expect.stringContaining('missing: is not there') });
  });

  it('apply nothing where the cluster does not know Dynamo, and name what is missing', async () => {
    const kube = memory(['nvidia.com/v1beta1/DynamoGraphDeployment']);

    expect(await run(kube, 'deploy')).toMatchObject({ code: 1, err: expect.stringContaining('does not know DynamoGraphDeployment (nvidia.com/v1beta1)') });
    expect(kube.objects()).toEqual([]);
  });

  it('do without alerts where nobody reads them', async () => {
    const kube = memory(['monitoring.coreos.com/v1/PrometheusRule']);

    expect((await run(kube, 'deploy', '--wait', '1s')).out).not.toContain('PrometheusRule');
    expect(graphIn(kube)).toBeDefined();
  });

  it('write the older version of the API where it is asked for, and refuse others', async () => {
    const kube = memory();
    await run(kube, 'deploy', '--wait', '1s', '--dynamo-version', 'v1alpha1');

    expect(graphIn(kube)).toMatchObject({ apiVersion: 'nvidia.com/v1alpha1', spec: { services: { PrefillWorker: { subComponentType: 'prefill' } } } });
    expect(await run(memory(), 'deploy', '--dynamo-version', 'v2')).toMatchObject({ code: 2 });
    expect(await run(memory(), 'deploy', '--wait', 'soon')).toMatchObject({ code: 2 });
  });

  it('remove everything that was made, and nothing that was not', async () => {
    const kube = memory();
    await run(kube, 'deploy', '--wait', '1s');
    await kube.mergePatch(
      { apiVersion: 'v1', kind: 'ServiceAccount', name: 'vllm-disagg', namespace: 'maru' },
      { metadata: { labels: { 'app.kubernetes.io/managed-by': 'somebody' } } },
    );

    const cleaned = await run(kube, 'clean');

    expect(cleaned.out).toContain('DynamoGraphDeployment/vllm-disagg deleted\n');
    expect(cleaned.out).toContain('ServiceAccount/vllm-disagg was not made by Maru and stays\n');
    expect(kube.objects().map(({ kind }) => kind)).toEqual(['ServiceAccount']);
    expect((await run(kube, 'clean')).out).toContain('DynamoGraphDeployment/vllm-disagg is not there\n');
  });
});

describe('waiting for objects', () => {
  const object = (status: object): KubeObject => ({ ...GRAPH, metadata: { name: GRAPH.name, namespace: GRAPH.namespace }, spec: {}, status });

  it('looks again until it is ready, and tells each change once', async () => {
    const clock = createFakeClock();
    const kube = memory();
    await kube.apply(object({}));
    const told: string[] = [];
    const waiting = waitForObjects([object({})], {
      kube,
      clock,
      timeoutMs: 60_000,
      signal: new AbortController().signal,
      onChange: ({ detail }) => told.push(detail),
    });
    await clock.advance(4000);
    await kube.patchStatus(GRAPH, { state: 'successful' });
    await clock.advance(2000);

    expect((await waiting)[0]?.state).toBe('ready');
    expect(told).toEqual(['not seen by the Dynamo operator yet', 'successful']);
  });
});

describe('state of an object', () => {
  const deployment = (status: object): KubeObject => ({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'd', generation: 2 },
    spec: { replicas: 2 },
    status,
  });

  it.each([
    [deployment({ readyReplicas: 2, observedGeneration: 2 }), 'ready'],
    [deployment({ readyReplicas: 2, observedGeneration: 1 }), 'pending'],
    [deployment({ readyReplicas: 1 }), 'pending'],
    [deployment({}), 'pending'],
    [undefined, 'missing'],
    [{ apiVersion: 'v1', kind: 'Service', metadata: { name: 's' } }, 'ready'],
  ])('%# is told', (object, state) => {
    expect(objectState(object as KubeObject | undefined).state).toBe(state);
  });
});
