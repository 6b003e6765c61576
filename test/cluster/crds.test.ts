import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Kube, KubeObject } from '../../packages/platform/src/kube/index.ts';
import { renderCrds } from '../../packages/platform/src/manifests/index.ts';
import { connectAdmin, createNamespace, eventually, installCrds } from './cluster.ts';
import { fleetResources, quickstartObjects } from './resources.ts';

const API = 'maru.dev/v1alpha1';

describe('CRDs of Maru', () => {
  let kube: Kube;

  beforeAll(async () => {
    kube = await connectAdmin();
    await createNamespace(kube, 'crds');
    await installCrds(kube, renderCrds());
  });
  afterAll(() => kube.close());

  const submit = (kind: string, spec: unknown): Promise<KubeObject> =>
    kube.apply({ apiVersion: API, kind, metadata: { name: 'probe', namespace: 'crds' }, spec } as KubeObject, { dryRun: true, force: true });

  it.each(renderCrds().map((crd) => [crd.metadata.name]))('%s is structural and served', async (name) => {
    const crd = await eventually('conditions', () => kube.get({ apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition', name }));
    const conditions = (crd['status'] as { conditions: { type: string; status: string; message: string }[] }).conditions;
    expect(conditions.find((condition) => condition.type === 'NonStructuralSchema')).toBeUndefined();
    expect(conditions.find((condition) => condition.type === 'NamesAccepted')).toMatchObject({ status: 'True' });
  });

  it.each([...quickstartObjects(), ...fleetResources()].map((object) => [`${object['kind']}/${(object['metadata'] as { name: string }).name}`, object]))(
    '%s is accepted',
    async (_name, object) => {
      const { metadata } = object as unknown as KubeObject;
      await kube.apply({ ...(object as unknown as KubeObject), metadata: { ...metadata, namespace: 'crds' } }, { force: true });
    },
  );

  it('fills defaults in', async () => {
    const live = await submit('Route', { backends: [{ model: 'm' }] });
    expect(live['spec']).toMatchObject({ policy: 'maru', aliases: [], retries: { attempts: 1, backoff: '100ms' } });
  });

  it('fills no default of one variant into another', async () => {
    const live = await submit('Agent', { model: 'm', instructions: 'x', tools: [{ type: 'calculator' }] });
    expect((live['spec'] as { tools: unknown[] }).tools).toEqual([{ type: 'calculator' }]);
  });

  it.each([
    ['a wrong enum', 'Route', { backends: [{ model: 'm' }], policy: 'best' }, /policy/],
    ['a missing field', 'Route', {}, /backends/],
    ['an empty list', 'Route', { backends: [] }, /backends/],
    ['a bad duration', 'Agent', { model: 'm', instructions: 'x', timeout: 'soon' }, /timeout/],
    ['a number out of range', 'Tenant', { budgets: [{ usd: -1 }] }, /usd/],
    ['a model that is both', 'Model', { provider: { name: 'openai', model: 'x' }, serving: { engine: 'vllm' } }, /exactly one of "provider" and "serving"/],
    ['a model that is neither', 'Model', {}, /exactly one of "provider" and "serving"/],
    [
      'a field of another variant',
      'Agent',
      { model: 'm', instructions: 'x', tools: [{ type: 'calculator', knowledgeBase: 'k' }] },
      /"knowledgeBase" belongs to type knowledge only/,
    ],
    ['a variant without its field', 'Agent', { model: 'm', instructions: 'x', tools: [{ type: 'mcp' }] }, /type "mcp" needs server/],
    ['a secret that is two things', 'Model', { provider: { name: 'openai', model: 'x', apiKey: { env: 'A', secret: 'b', key: 'c' } } }, /exactly one of/],
    ['an unknown variant', 'ToolServer', { transport: { type: 'carrier-pigeon' } }, /transport/],
  ])('refuses %s, and says where', async (_what, kind, spec, message) => {
    await expect(submit(kind, spec)).rejects.toMatchObject({ code: 'cluster_rejected', message: expect.stringMatching(message) });
  });

  it('refuses a name that no DNS label could hold', async () => {
    const bad = {
      apiVersion: API,
      kind: 'Model',
      metadata: { name: `m${'x'.repeat(70)}`, namespace: 'crds' },
      spec: { provider: { name: 'openai', model: 'x' } },
    };
    await expect(kube.apply(bad, { dryRun: true })).rejects.toMatchObject({ code: 'cluster_rejected' });
  });
});
