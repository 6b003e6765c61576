import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Kube, KubeObject } from '../../packages/platform/src/kube/index.ts';
import { createOperator, type Operator } from '../../packages/platform/src/operator/index.ts';
import { silentLog } from '../../packages/platform/src/telemetry/index.ts';
import { createSeededIds, createSystemClock } from '../../packages/platform/src/time/index.ts';
import { connectAdmin, createNamespace, eventually, installCrds } from './cluster.ts';
import { quickstartResources } from './resources.ts';
import { readUpstreamCrds } from './upstream-crds.ts';

const API = 'maru.dev/v1alpha1';
const NAMESPACE = 'operated';

const vllm = (name: string, serving: object = {}): KubeObject => ({
  apiVersion: API,
  kind: 'Model',
  metadata: { name, namespace: NAMESPACE },
  spec: { serving: { engine: 'vllm', source: 'hf://Qwen/Qwen3-8B', replicas: 2, ...serving } },
});

describe('operator on a real API server', () => {
  let kube: Kube;
  let operators: { operator: Operator; client: Kube }[] = [];

  const operate = async (identity: string): Promise<Operator> => {
    const client = await connectAdmin();
    const operator = createOperator({
      kube: client,
      clock: createSystemClock(),
      ids: createSeededIds(),
      log: silentLog,
      namespace: NAMESPACE,
      watchNamespace: NAMESPACE,
      identity,
      leaseMs: 3000,
      renewEveryMs: 300,
    });
    operators.push({ operator, client });
    return operator;
  };
  const get = (apiVersion: string, kind: string, name: string): Promise<KubeObject | undefined> => kube.get({ apiVersion, kind, name, namespace: NAMESPACE });
  const gone = (apiVersion: string, kind: string, name: string) => async (): Promise<true | undefined> =>
    (await get(apiVersion, kind, name)) === undefined ? true : undefined;
  const phase = (name: string, wanted: string) => async (): Promise<KubeObject | undefined> => {
    const model = await get(API, 'Model', name);
    return (model?.['status'] as { phase?: string } | undefined)?.phase === wanted ? model : undefined;
  };

  beforeAll(async () => {
    kube = await connectAdmin();
    await createNamespace(kube, NAMESPACE, { 'pod-security.kubernetes.io/enforce': 'restricted' });
    await installCrds(kube, readUpstreamCrds());
  });
  afterEach(async () => {
    await Promise.all(
      operators.map(async ({ operator, client }) => {
        await operator.close();
        await client.close();
      }),
    );
    operators = [];
    for (const kind of ['Model', 'Route', 'GpuPool']) {
      for (const object of (await kube.list({ apiVersion: API, kind, namespace: NAMESPACE })).items) {
        await kube.mergePatch({ apiVersion: API, kind, namespace: NAMESPACE, name: object.metadata.name }, { metadata: { finalizers: null } });
        await kube.delete({ apiVersion: API, kind, namespace: NAMESPACE, name: object.metadata.name });
      }
    }
  });
  afterAll(() => kube.close());

  it('installs its CRDs, creates the objects of a model, writes the status', async () => {
    const operator = await operate('one');
    await operator.ready;
    await kube.create(vllm('qwen'));

    const model = await eventually('status', phase('qwen', 'Pending'));
    const deployment = await get('apps/v1', 'Deployment', 'qwen');

    expect(model['status']).toMatchObject({ readyReplicas: 0, replicas: 2, observedGeneration: model.metadata.generation });
    expect(deployment?.metadata.ownerReferences).toMatchObject([{ kind: 'Model', uid: model.metadata.uid }]);

    // No kubelet runs here, so the test says what one would.
    await kube.patchStatus({ apiVersion: 'apps/v1', kind: 'Deployment', namespace: NAMESPACE, name: 'qwen' }, { replicas: 2, readyReplicas: 2 });
    await eventually('Ready', phase('qwen', 'Ready'));
  });

  it('brings the whole quickstart up and then writes nothing more', async () => {
    for (const resource of quickstartResources()) {
      if (!['Model', 'Route', 'GpuPool'].includes(resource.kind)) continue;
      await kube.apply({ ...resource, metadata: { ...resource.metadata, namespace: NAMESPACE } } as unknown as KubeObject, { force: true });
    }
    const operator = await operate('one');
    await operator.ready;
    await eventually('HTTPRoute', () => get('gateway.networking.k8s.io/v1', 'HTTPRoute', 'auto'));
    await eventually('InferencePool', () => get('inference.networking.k8s.io/v1', 'InferencePool', 'sim-8b'));
    const pool = await eventually('NodePool', () => kube.get({ apiVersion: 'karpenter.sh/v1', kind: 'NodePool', name: 'inference' }));
    await operator.idle();

    const versions = async (): Promise<readonly string[]> => {
      const kinds = [
        ['apps/v1', 'Deployment'],
        ['v1', 'Service'],
        ['networking.k8s.io/v1', 'NetworkPolicy'],
        ['karpenter.sh/v1', 'NodePool'],
        [API, 'Model'],
        [API, 'Route'],
        [API, 'GpuPool'],
      ] as const;
      const lists = await Promise.all(kinds.map(([apiVersion, kind]) => kube.list({ apiVersion, kind })));
      return lists.flatMap((list) => list.items.map((item) => `${item.kind}/${item.metadata.name}@${item.metadata.resourceVersion}`)).sort();
    };
    const before = await eventually('a still cluster', async () => {
      const first = await versions();
      await new Promise((resolve) => setTimeout(resolve, 500));
      return (await versions()).join() === first.join() ? first : undefined;
    });
    // Touch every resource: the operator looks at each again and must find nothing to do.
    for (const name of ['reader', 'sim-8b'])
      await kube.mergePatch({ apiVersion: API, kind: 'Model', namespace: NAMESPACE, name }, { metadata: { annotations: { look: 'again' } } });
    await new Promise((resolve) => setTimeout(resolve, 500));
    await operator.idle();

    const others = (names: readonly string[]): readonly string[] => names.filter((name) => !/^Model\/(reader|sim-8b)@/.test(name));
    expect(others(await versions())).toEqual(others(before));

    await kube.delete({ apiVersion: API, kind: 'GpuPool', namespace: NAMESPACE, name: 'inference' });
    await eventually('NodePool removed', async () =>
      (await kube.get({ apiVersion: 'karpenter.sh/v1', kind: 'NodePool', name: 'inference' })) === undefined ? true : undefined,
    );
    expect(pool.metadata.labels).toMatchObject({ 'maru.dev/owner-namespace': NAMESPACE });
  });

  it('puts back what was deleted or edited', async () => {
    await kube.create(vllm('qwen'));
    await (await operate('one')).ready;
    await eventually('status', phase('qwen', 'Pending'));

    await kube.delete({ apiVersion: 'v1', kind: 'Service', namespace: NAMESPACE, name: 'qwen' });
    await kube.mergePatch({ apiVersion: 'apps/v1', kind: 'Deployment', namespace: NAMESPACE, name: 'qwen' }, { spec: { replicas: 7 } });

    await eventually('Service again', () => get('v1', 'Service', 'qwen'));
    await eventually('replicas again', async () => {
      const deployment = await get('apps/v1', 'Deployment', 'qwen');
      return (deployment?.['spec'] as { replicas: number } | undefined)?.replicas === 2 ? true : undefined;
    });
  });

  it('holds a deleted model until its objects are gone', async () => {
    await kube.create(vllm('qwen'));
    const operator = await operate('one');
    await operator.ready;
    await eventually('status', phase('qwen', 'Pending'));
    expect((await get(API, 'Model', 'qwen'))?.metadata.finalizers).toEqual(['maru.dev/cleanup']);

    await kube.delete({ apiVersion: API, kind: 'Model', namespace: NAMESPACE, name: 'qwen' });

    await eventually('Model gone', gone(API, 'Model', 'qwen'));
    for (const [apiVersion, kind] of [
      ['apps/v1', 'Deployment'],
      ['v1', 'Service'],
      ['v1', 'ServiceAccount'],
      ['networking.k8s.io/v1', 'NetworkPolicy'],
      ['policy/v1', 'PodDisruptionBudget'],
    ] as const) {
      expect(await get(apiVersion, kind, 'qwen')).toBeUndefined();
    }
  });

  it('keeps the status subresource apart from the spec', async () => {
    await kube.create(vllm('qwen'));
    await (await operate('one')).ready;
    const model = await eventually('status', phase('qwen', 'Pending'));
    const generation = model.metadata.generation;

    await kube.patchStatus({ apiVersion: 'apps/v1', kind: 'Deployment', namespace: NAMESPACE, name: 'qwen' }, { replicas: 2, readyReplicas: 1 });

    const degraded = await eventually('Degraded', phase('qwen', 'Degraded'));
    expect(degraded.metadata.generation).toBe(generation);
  });

  it('hands the lead over when a leader closes, and takes it when a leader falls silent', async () => {
    const first = await operate('one');
    await first.ready;
    const second = await operate('two');
    await new Promise((resolve) => setTimeout(resolve, 700));
    expect(second.leading()).toBe(false);

    await first.close();
    await eventually('second leads', async () => (second.leading() ? true : undefined), 5000);

    // A leader that died without a word: its record stays as it is.
    await second.close();
    const dead = await kube.get({ apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', namespace: NAMESPACE, name: 'maru-operator' });
    await kube.mergePatch(
      { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', namespace: NAMESPACE, name: 'maru-operator' },
      { spec: { holderIdentity: 'dead', leaseDurationSeconds: 2 } },
    );
    expect(dead).toBeDefined();
    const third = await operate('three');
    expect(third.leading()).toBe(false);
    await eventually('third leads', async () => (third.leading() ? true : undefined), 8000);
  });
});
