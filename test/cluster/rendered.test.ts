import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Kube, KubeObject } from '../../packages/platform/src/kube/index.ts';
import { type RenderOptions, renderResources } from '../../packages/platform/src/manifests/index.ts';
import { connectAdmin, createNamespace, installCrds } from './cluster.ts';
import { fleetResources, quickstartResources } from './resources.ts';
import { readUpstreamCrds } from './upstream-crds.ts';

describe('rendered objects on a real API server with the upstream CRDs', () => {
  let kube: Kube;

  beforeAll(async () => {
    kube = await connectAdmin();
    await installCrds(kube, readUpstreamCrds());
    // The strictest Pod Security level: what it would refuse is an error, not a warning.
    await createNamespace(kube, 'rendered', { 'pod-security.kubernetes.io/enforce': 'restricted' });
  });
  afterAll(() => kube.close());

  const accept = async (options: RenderOptions, resources: Parameters<typeof renderResources>[0]['resources']): Promise<readonly string[]> => {
    const { objects } = renderResources({ resources, options: { namespace: 'rendered', ...options } });
    for (const { manifest } of objects) await kube.apply(manifest as KubeObject, { dryRun: true, force: true });
    return objects.map(({ manifest }) => `${manifest.kind}/${manifest.metadata.name}`);
  };

  it('accepts everything that the quickstart renders', async () => {
    const names = await accept({}, quickstartResources());
    expect(names).toEqual(expect.arrayContaining(['NodePool/inference', 'Deployment/sim-8b', 'InferencePool/sim-8b', 'HTTPRoute/auto', 'PrometheusRule/maru']));
  });

  it('accepts every kind of object that a fleet renders', async () => {
    const names = await accept({ clusterName: 'demo', gateway: { name: 'ai-gateway', namespace: 'gateways' } }, fleetResources());
    expect(new Set(names.map((name) => name.split('/')[0]))).toEqual(
      new Set([
        'ConfigMap',
        'Deployment',
        'EC2NodeClass',
        'HTTPRoute',
        'InferencePool',
        'LeaderWorkerSet',
        'NetworkPolicy',
        'NodePool',
        'PodDisruptionBudget',
        'PrometheusRule',
        'ResourceClaimTemplate',
        'ResourceQuota',
        'ScaledObject',
        'Service',
        'ServiceAccount',
        'ServiceMonitor',
      ]),
    );
  });

  it('accepts the HPA in place of KEDA', async () => {
    const names = await accept({ autoscaler: 'hpa' }, fleetResources());
    expect(names).toContain('HorizontalPodAutoscaler/llama-3-1-8b');
  });

  it('pods of every engine are admissible under Pod Security "restricted"', async () => {
    const { objects } = renderResources({ resources: fleetResources(), options: { namespace: 'rendered' } });
    const pods = objects
      .filter(({ manifest }) => manifest.kind === 'Deployment')
      .map(({ manifest }) => ({ name: manifest.metadata.name, template: (manifest['spec'] as { template: Record<string, unknown> }).template }));
    expect(pods.length).toBeGreaterThan(3);
    for (const { name, template } of pods) {
      const pod = {
        apiVersion: 'v1',
        kind: 'Pod',
        ...template,
        metadata: { ...(template['metadata'] as object), name: `pod-${name}`, namespace: 'rendered' },
      } as KubeObject;
      await kube.create(pod, { dryRun: true });
    }
  });

  it('a pod without the security settings is refused there, so the check above means something', async () => {
    const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'loose', namespace: 'rendered' }, spec: { containers: [{ name: 'a', image: 'a:1' }] } };
    await expect(kube.create(pod, { dryRun: true })).rejects.toMatchObject({ code: 'cluster_rejected' });
  });
});
