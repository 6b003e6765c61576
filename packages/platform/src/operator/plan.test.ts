import { resourceSchema } from '@maru/api/resources';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import type { KubeObject } from '#kube';
import { type KubeManifest, renderResources } from '#manifests';
import { covers } from './covers.ts';
import { kindKey, OWNED_KINDS } from './owned-kinds.ts';
import { HASH_ANNOTATION, type PlanInput, planObjects } from './plan.ts';

const owner = { kind: 'Model', namespace: 'ai', name: 'qwen' } as const;
const model = resourceSchema.parse({
  apiVersion: 'maru.dev/v1alpha1',
  kind: 'Model',
  metadata: { name: 'qwen' },
  spec: { serving: { engine: 'vllm', source: 'hf://Qwen/Qwen3-8B', replicas: 2 } },
});
const desired = renderResources({ resources: [model], options: { namespace: 'ai' } })
  .objects.filter((object) => object.origin === 'Model/qwen')
  .map((object) => object.manifest);
const input = (change: Partial<PlanInput> = {}): PlanInput => ({
  owner,
  uid: 'uid-1',
  apiVersion: 'maru.dev/v1alpha1',
  desired,
  observed: [],
  served: new Set(OWNED_KINDS.map(kindKey)),
  ...change,
});
const short = (plan: ReturnType<typeof planObjects>): unknown => ({
  apply: plan.apply.map((object) => `${object.kind}/${object.metadata.name}`),
  prune: plan.prune.map((ref) => `${ref.kind}/${ref.name}`),
  missing: plan.missing,
});
const everything = ['ServiceAccount/qwen', 'Deployment/qwen', 'Service/qwen', 'PodDisruptionBudget/qwen', 'ServiceMonitor/qwen', 'NetworkPolicy/qwen'];

describe('planObjects', () => {
  it('plans an empty cluster as recorded', async () => {
    await expect(stringify(planObjects(input()), { lineWidth: 0 })).toMatchFileSnapshot('__golden__/model-on-empty-cluster.yaml');
  });

  it('applies everything once, and then nothing', () => {
    const first = planObjects(input());
    expect(short(first)).toEqual({ apply: everything, prune: [], missing: [] });
    expect(short(planObjects(input({ observed: first.apply })))).toEqual({ apply: [], prune: [], missing: [] });
  });

  it('does not mind what the server and other managers add', () => {
    const observed = planObjects(input()).apply.map((object) => ({
      ...object,
      status: { x: 1 },
      metadata: { ...object.metadata, uid: 'u', resourceVersion: '7', labels: { ...object.metadata.labels, extra: 'yes' } },
    }));
    expect(short(planObjects(input({ observed })))).toEqual({ apply: [], prune: [], missing: [] });
  });

  it('applies what was edited, and only that', () => {
    const observed = planObjects(input()).apply.map((object) =>
      object.kind === 'Deployment' ? ({ ...object, spec: { ...(object['spec'] as object), replicas: 0 } } as KubeObject) : object,
    );
    expect(short(planObjects(input({ observed })))).toMatchObject({ apply: ['Deployment/qwen'], prune: [] });
  });

  it('applies again when a field is no longer wanted, though everything wanted is there', () => {
    const observed = planObjects(input()).apply;
    const fewer: KubeManifest[] = desired.map((object) =>
      object.kind === 'ServiceAccount' ? { apiVersion: object.apiVersion, kind: object.kind, metadata: object.metadata } : object,
    );
    expect(short(planObjects(input({ desired: fewer, observed })))).toMatchObject({ apply: ['ServiceAccount/qwen'] });
  });

  it('removes its own objects that are no longer wanted, and never those of others', () => {
    const mine = planObjects(input()).apply;
    const others = mine.map((object) => ({
      ...object,
      metadata: { ...object.metadata, name: 'other', labels: { ...object.metadata.labels, 'maru.dev/owner-name': 'other' } },
    }));
    expect(short(planObjects(input({ desired: [], observed: [...mine, ...others] })))).toMatchObject({ apply: [], prune: everything });
  });

  it('leaves out kinds that the cluster lacks, and says which', () => {
    const served = new Set(OWNED_KINDS.filter((kind) => kind.kind !== 'ServiceMonitor').map(kindKey));
    expect(short(planObjects(input({ served })))).toEqual({
      apply: everything.filter((name) => name !== 'ServiceMonitor/qwen'),
      prune: [],
      missing: [{ kind: 'monitoring.coreos.com/v1/ServiceMonitor', optional: true }],
    });
  });

  it('points no owner reference out of a namespace', () => {
    const pool: KubeManifest = { apiVersion: 'karpenter.sh/v1', kind: 'NodePool', metadata: { name: 'p' } };
    const [object] = planObjects(input({ desired: [pool] })).apply;
    expect(object?.metadata.ownerReferences).toBeUndefined();
    expect(object?.metadata.annotations?.[HASH_ANNOTATION]).toMatch(/^[0-9a-f]{16}$/);
  });
});

describe('covers', () => {
  it.each([
    [{ a: 1, b: 2 }, { a: 1 }, true],
    [{ a: 1 }, { a: 1, b: 2 }, false],
    [{ a: [1, 2] }, { a: [1] }, false],
    [{ a: [{ x: 1, y: 2 }] }, { a: [{ x: 1 }] }, true],
    [{ a: '1' }, { a: 1 }, false],
    [undefined, { a: {} }, false],
    [{}, { a: {} }, true],
    [{ a: null }, { a: { b: 1 } }, false],
    [{ a: [] }, { a: {} }, false],
  ])('%j covers %j: %s', (actual, wanted, expected) => {
    expect(covers(actual, wanted)).toBe(expected);
  });
});
