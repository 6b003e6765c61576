import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Kube } from '../../packages/platform/src/kube/index.ts';
import { renderCrds } from '../../packages/platform/src/manifests/index.ts';
import { connectAdmin, createNamespace, eventually, installCrds } from './cluster.ts';

describe('CRDs of Maru', () => {
  let kube: Kube;

  beforeAll(async () => {
    kube = await connectAdmin();
    await createNamespace(kube, 'crds');
    await installCrds(kube, renderCrds());
  });
  afterAll(() => kube.close());

  it.each(renderCrds().map((crd) => [crd.metadata.name]))('%s is structural and served', async (name) => {
    const crd = await eventually('conditions', () => kube.get({ apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition', name }));
    const conditions = (crd['status'] as { conditions: { type: string; status: string; message: string }[] }).conditions;
    expect(conditions.find((condition) => condition.type === 'NonStructuralSchema')).toBeUndefined();
    expect(conditions.find((condition) => condition.type === 'NamesAccepted')).toMatchObject({ status: 'True' });
  });
});
