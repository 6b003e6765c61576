import { describe, expect, inject, it } from 'vitest';
import { connectKube } from '../../packages/platform/src/kube/index.ts';
import { kubeConformance } from '../conformance/kube.ts';
import { connectAdmin, createNamespace } from './cluster.ts';

kubeConformance('a real API server', async () => {
  const kube = await connectAdmin();
  const namespace = await createNamespace(kube, 'conformance');
  return { kube, namespace, close: () => kube.close() };
});

describe('connectKube on a real API server', () => {
  it('says what the server says, and which field it means', async () => {
    const kube = await connectAdmin();
    const bad = { apiVersion: 'v1', kind: 'Service', metadata: { name: 'Bad_Name', namespace: 'default' }, spec: { ports: [{ port: 99_999 }] } };
    await expect(kube.apply(bad)).rejects.toMatchObject({
      code: 'cluster_rejected',
      details: { status: 422, fields: expect.arrayContaining([expect.objectContaining({ field: 'metadata.name' })]) },
    });
    await kube.close();
  });

  it('says that a kind is unknown and that a namespace is missing', async () => {
    const kube = await connectAdmin();
    await expect(kube.list({ apiVersion: 'example.com/v1', kind: 'Nothing' })).rejects.toMatchObject({
      code: 'cluster_rejected',
      message: expect.stringContaining('CustomResourceDefinition'),
    });
    await expect(kube.apply({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', namespace: 'nowhere' } })).rejects.toMatchObject({
      code: 'cluster_rejected',
      message: expect.stringContaining('nowhere'),
    });
    expect(await kube.serves('example.com/v1', 'Nothing')).toBe(false);
    await kube.close();
  });

  it('is refused with a wrong token', async () => {
    const kube = await connectKube({ type: 'token', server: inject('server'), token: 'wrong', insecureSkipTlsVerify: true });
    await expect(kube.list({ apiVersion: 'v1', kind: 'ConfigMap', namespace: 'default' })).rejects.toMatchObject({
      code: 'cluster_rejected',
      details: { status: 401 },
    });
    await kube.close();
  });
});
