import { afterEach, describe, expect, it } from 'vitest';
import { createMemoryKube, type KubeObject, type MemoryKube } from '#kube';
import { silentLog } from '#telemetry';
import { createFakeClock, createSeededIds, type FakeClock } from '#time';
import { createOperator, type Operator } from './create-operator.ts';

const API = 'maru.dev/v1alpha1';

const vllm = (name: string, serving: Record<string, unknown> = {}): KubeObject => ({
  apiVersion: API,
  kind: 'Model',
  metadata: { name, namespace: 'ai' },
  spec: { serving: { engine: 'vllm', source: 'hf://Qwen/Qwen3-8B', replicas: 2, ...serving } },
});
const pool = (name: string): KubeObject => ({
  apiVersion: API,
  kind: 'GpuPool',
  metadata: { name, namespace: 'ai' },
  spec: { instanceTypes: ['p5.4xlarge'], limits: { gpus: 4 } },
});
const route = (name: string, model: string): KubeObject => ({
  apiVersion: API,
  kind: 'Route',
  metadata: { name, namespace: 'ai' },
  spec: { backends: [{ model }] },
});

describe('operator', () => {
  let clock: FakeClock;
  let kube: MemoryKube;
  let operators: Operator[] = [];

  const begin = (options: { lacks?: string[] } = {}): void => {
    clock = createFakeClock();
    kube = createMemoryKube({ ids: createSeededIds(), nowMs: clock.nowMs, ...options });
  };
  const operate = (identity = 'one', extra: { watchNamespace?: string } = {}): Operator => {
    const operator = createOperator({ kube, clock, ids: createSeededIds(), log: silentLog, namespace: 'maru', identity, ...extra });
    operators.push(operator);
    return operator;
  };
  const settle = async (): Promise<void> => {
    // Each turn lets events reach the informers and their work be done; a chain (finalizer, apply, status) needs several.
    for (let turn = 0; turn < 10; turn += 1) {
      await clock.advance(0);
      for (const operator of operators) await operator.idle();
    }
  };
  const get = (kind: string, name: string, apiVersion = API): KubeObject | undefined =>
    kube.objects().find((object) => object.kind === kind && object.metadata.name === name && object.apiVersion === apiVersion);
  const statusOf = (kind: string, name: string): Record<string, unknown> => (get(kind, name)?.['status'] ?? {}) as Record<string, unknown>;

  afterEach(async () => {
    const closing = Promise.all(operators.map((operator) => operator.close()));
    await clock.advance(1000);
    await closing;
    operators = [];
  });

  it('makes the objects of a model, owned and labelled, and says that it waits for replicas', async () => {
    begin();
    await kube.create(vllm('qwen'));
    const operator = operate();

    await settle();
    await operator.ready;

    const deployment = get('Deployment', 'qwen', 'apps/v1');
    expect(deployment?.metadata.ownerReferences).toMatchObject([{ kind: 'Model', name: 'qwen', uid: get('Model', 'qwen')?.metadata.uid, controller: true }]);
    expect(deployment?.metadata.labels).toMatchObject({ 'maru.dev/owner-kind': 'Model', 'app.kubernetes.io/managed-by': 'maru' });
    expect(get('Model', 'qwen')?.metadata.finalizers).toEqual(['maru.dev/cleanup']);
    expect(statusOf('Model', 'qwen')).toMatchObject({ phase: 'Pending', message: '0 of 2 replicas are ready', readyReplicas: 0, observedGeneration: 1 });
  });

  it('writes nothing once the cluster is as it should be', async () => {
    begin();
    await kube.create(vllm('qwen'));
    await kube.create(route('chat', 'qwen'));
    await kube.create(pool('inference'));
    operate();
    await settle();
    const before = kube.writes();

    kube.dropWatches();
    await clock.advance(60_000);
    await settle();

    // The lease is renewed every three seconds; nothing else may be written.
    const leaseWrites = 60_000 / 3000;
    expect(kube.writes() - before).toBeLessThanOrEqual(leaseWrites + 1);
  });

  it('reports readiness when the workload reports it', async () => {
    begin();
    await kube.create(vllm('qwen'));
    operate();
    await settle();

    await kube.patchStatus({ apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'ai', name: 'qwen' }, { readyReplicas: 1 });
    await settle();
    expect(statusOf('Model', 'qwen')).toMatchObject({ phase: 'Degraded', readyReplicas: 1 });

    await kube.patchStatus({ apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'ai', name: 'qwen' }, { readyReplicas: 2 });
    await settle();
    expect(statusOf('Model', 'qwen')).toMatchObject({ phase: 'Ready', readyReplicas: 2 });
    expect((statusOf('Model', 'qwen')['conditions'] as { type: string; status: string }[]).find((condition) => condition.type === 'Ready')).toMatchObject({
      status: 'True',
      reason: 'ReplicasReady',
    });
  });

  it('puts back what somebody deleted or edited', async () => {
    begin();
    await kube.create(vllm('qwen'));
    operate();
    await settle();

    await kube.delete({ apiVersion: 'v1', kind: 'Service', namespace: 'ai', name: 'qwen' });
    await kube.mergePatch({ apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'ai', name: 'qwen' }, { spec: { replicas: 0 } });
    await settle();

    expect(get('Service', 'qwen', 'v1')).toBeDefined();
    expect(get('Deployment', 'qwen', 'apps/v1')?.['spec']).toMatchObject({ replicas: 2 });
  });

  it('removes objects that are no longer wanted', async () => {
    begin();
    await kube.create(vllm('qwen', { autoscaling: { maxReplicas: 4 } }));
    operate();
    await settle();
    expect(get('ScaledObject', 'qwen', 'keda.sh/v1alpha1')).toBeDefined();

    await kube.mergePatch({ apiVersion: API, kind: 'Model', namespace: 'ai', name: 'qwen' }, { spec: { serving: { autoscaling: null } } });
    await settle();

    expect(get('ScaledObject', 'qwen', 'keda.sh/v1alpha1')).toBeUndefined();
    expect(get('Deployment', 'qwen', 'apps/v1')?.['spec']).toMatchObject({ replicas: 2 });
  });

  it('cleans up before it lets a deleted resource go, objects of cluster scope too', async () => {
    begin();
    await kube.create(pool('inference'));
    operate();
    await settle();
    expect(get('NodePool', 'inference', 'karpenter.sh/v1')).toBeDefined();

    await kube.delete({ apiVersion: API, kind: 'GpuPool', namespace: 'ai', name: 'inference' });
    await settle();

    expect(get('GpuPool', 'inference')).toBeUndefined();
    expect(kube.objects().filter((object) => object.metadata.labels?.['maru.dev/owner-name'] === 'inference')).toEqual([]);
  });

  it('tells what is wrong with a resource and leaves what runs as it is', async () => {
    begin();
    await kube.create(vllm('qwen'));
    operate();
    await settle();

    await kube.mergePatch({ apiVersion: API, kind: 'Model', namespace: 'ai', name: 'qwen' }, { spec: { serving: { gpu: { pool: 'nowhere' } } } });
    await settle();

    expect(statusOf('Model', 'qwen')).toMatchObject({ phase: 'Failed', observedGeneration: get('Model', 'qwen')?.metadata.generation });
    expect(statusOf('Model', 'qwen')['message']).toContain('GpuPool/nowhere');
    expect(get('Deployment', 'qwen', 'apps/v1')).toBeDefined();
  });

  it('completes a model when the pool that it names appears', async () => {
    begin();
    await kube.create(vllm('qwen', { gpu: { pool: 'inference' } }));
    operate();
    await settle();
    expect(statusOf('Model', 'qwen')).toMatchObject({ phase: 'Failed' });

    await kube.create(pool('inference'));
    await settle();

    expect(statusOf('Model', 'qwen')).toMatchObject({ phase: 'Pending' });
    expect(get('Deployment', 'qwen', 'apps/v1')).toBeDefined();
  });

  it('gives a model an InferencePool while a route sends to it', async () => {
    begin();
    await kube.create(vllm('qwen'));
    operate();
    await settle();
    expect(get('InferencePool', 'qwen', 'inference.networking.k8s.io/v1')).toBeUndefined();

    await kube.create(route('chat', 'qwen'));
    await settle();
    expect(get('InferencePool', 'qwen', 'inference.networking.k8s.io/v1')).toBeDefined();
    expect(get('HTTPRoute', 'chat', 'gateway.networking.k8s.io/v1')).toBeDefined();

    await kube.delete({ apiVersion: API, kind: 'Route', namespace: 'ai', name: 'chat' });
    await settle();
    expect(get('InferencePool', 'qwen', 'inference.networking.k8s.io/v1')).toBeUndefined();
  });

  it('says which kinds the cluster lacks, and applies the rest', async () => {
    begin({ lacks: ['monitoring.coreos.com/v1/ServiceMonitor', 'keda.sh/v1alpha1/ScaledObject'] });
    await kube.create(vllm('plain'));
    await kube.create(vllm('scaled', { autoscaling: { maxReplicas: 4 } }));
    operate();
    await settle();

    const complete = (name: string): unknown =>
      (statusOf('Model', name)['conditions'] as { type: string }[]).find((condition) => condition.type === 'Complete');
    expect(complete('plain')).toMatchObject({ status: 'True', reason: 'OptionalKindsMissing' });
    expect(complete('scaled')).toMatchObject({ status: 'False', reason: 'KindsMissing' });
    expect(statusOf('Model', 'scaled')).toMatchObject({ phase: 'Degraded' });
    expect(get('Deployment', 'scaled', 'apps/v1')).toBeDefined();
  });

  it('never takes over an object of somebody else', async () => {
    begin();
    await kube.create({ apiVersion: 'v1', kind: 'Service', metadata: { name: 'qwen', namespace: 'ai' }, spec: { clusterIP: 'None' } });
    await kube.create(vllm('qwen'));
    operate();
    await settle();

    expect(get('Service', 'qwen', 'v1')?.['spec']).toEqual({ clusterIP: 'None' });
    expect(get('Service', 'qwen', 'v1')?.metadata.labels).toBeUndefined();
  });

  it('leaves other namespaces alone when it is told to watch one', async () => {
    begin();
    await kube.create(vllm('qwen'));
    const first = operate();
    await settle();
    const closing = first.close();
    await clock.advance(1000);
    await closing;
    operators = [];

    operate('two', { watchNamespace: 'elsewhere' });
    await clock.advance(20_000);
    await settle();

    expect(get('Deployment', 'qwen', 'apps/v1')).toBeDefined();
  });

  it('lets only one process work, and hands over when it closes', async () => {
    begin();
    const first = operate('one');
    await settle();
    const second = operate('two');
    await clock.advance(10_000);
    expect([first.leading(), second.leading()]).toEqual([true, false]);

    const closing = first.close();
    await clock.advance(100);
    await closing;
    await clock.advance(4000);
    await kube.create(vllm('qwen'));
    await settle();

    expect([first.leading(), second.leading()]).toEqual([false, true]);
    expect(get('Deployment', 'qwen', 'apps/v1')).toBeDefined();
  });
});
