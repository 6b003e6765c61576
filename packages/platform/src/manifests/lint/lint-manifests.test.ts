import { describe, expect, it } from 'vitest';
import type { KubeManifest } from '../manifest.ts';
import { lintManifests } from './lint-manifests.ts';

const object = (kind: string, spec: object, extra: object = {}): KubeManifest => ({ apiVersion: 'v1', kind, metadata: { name: 'x' }, spec, ...extra });
const deployment = (container: object, pod: object = {}, spec: object = {}): KubeManifest =>
  object('Deployment', {
    selector: { matchLabels: { app: 'x' } },
    template: { metadata: { labels: { app: 'x' } }, spec: { containers: [{ name: 'c', image: 'a:1', ...container }], ...pod } },
    ...spec,
  });
const pool = (spec: object): KubeManifest => object('NodePool', spec);
const trigger = (metadata: object, extra: object = {}): KubeManifest =>
  object('ScaledObject', { scaleTargetRef: { name: 'x' }, triggers: [{ type: 'prometheus', metadata, ...extra }] });

describe('lintManifests', () => {
  it.each([
    ['pinned-images', [deployment({ image: 'vllm/vllm-openai' })]],
    ['pinned-images', [deployment({ image: 'vllm/vllm-openai:latest' })]],
    ['pinned-images', [deployment({ image: 'localhost:5000/vllm' })]],
    ['equal-gpu-requests', [deployment({ resources: { requests: { 'nvidia.com/gpu': 1 } } })]],
    ['equal-gpu-requests', [deployment({ resources: { requests: { 'nvidia.com/gpu': '1' }, limits: { 'nvidia.com/gpu': '2' } } })]],
    ['pre-stop-within-grace', [deployment({ lifecycle: { preStop: { sleep: { seconds: 30 } } } })]],
    ['pre-stop-within-grace', [deployment({ lifecycle: { preStop: { exec: { command: ['sh', '-c', 'sleep 2m'] } } } }, { terminationGracePeriodSeconds: 60 })]],
    ['mounted-volumes-exist', [deployment({ volumeMounts: [{ name: 'models', mountPath: '/m' }] })]],
    ['claims-exist', [deployment({ resources: { claims: [{ name: 'gpu' }] } })]],
    ['selector-matches-pods', [deployment({}, {}, { selector: { matchLabels: { app: 'y' } } })]],
    ['selector-matches-pods', [deployment({}, {}, { selector: undefined })]],
    ['averages-as-value', [trigger({ query: 'avg(vllm:kv_cache_usage_perc)' })]],
    ['known-metrics', [trigger({ query: 'sum(vllm_pending_requests)' })]],
    ['known-metrics', [trigger({ query: 'sum(up)', metricName: 'waiting' })]],
    ['cooldown-only-to-zero', [object('ScaledObject', { scaleTargetRef: { name: 'x' }, minReplicaCount: 1, cooldownPeriod: 300 })]],
    [
      'one-scaler-per-target',
      [object('ScaledObject', { scaleTargetRef: { name: 'x' } }), object('HorizontalPodAutoscaler', { scaleTargetRef: { kind: 'Deployment', name: 'x' } })],
    ],
    ['no-replicas-when-scaled', [deployment({}, {}, { replicas: 2 }), object('ScaledObject', { scaleTargetRef: { name: 'x' } })]],
    ['drainable', [deployment({}, {}, { replicas: 2 }), object('PodDisruptionBudget', { minAvailable: 2, selector: { matchLabels: { app: 'x' } } })]],
    ['quota-on-requests', [object('ResourceQuota', { hard: { 'limits.nvidia.com/gpu': '8' } })]],
    ['scheduled-budgets', [pool({ disruption: { budgets: [{ nodes: '10%' }, { nodes: '0', schedule: '@daily' }] } })]],
    ['scheduled-budgets', [pool({ disruption: { budgets: [{ nodes: '0', schedule: '@daily', duration: '8h' }] } })]],
    ['known-requirement-keys', [pool({ template: { spec: { requirements: [{ key: 'nvidia.com/gpu', operator: 'In', values: ['8'] }] } } })]],
    ['fixed-machine-image', [object('EC2NodeClass', { amiSelectorTerms: [{ alias: 'al2023@latest' }] })]],
    ['mig-fits', [object('ConfigMap', {}, { data: { 'config.yaml': 'mig-devices:\n  3g.20gb: 1\n  2g.10gb: 3\n' } })]],
    [
      'one-slice-each',
      [
        pool({ template: { metadata: { labels: { 'maru.dev/pool': 'shared', 'nvidia.com/device-plugin.config': 'shared' } } } }),
        deployment({ resources: { limits: { 'nvidia.com/gpu': '2' } } }, { nodeSelector: { 'maru.dev/pool': 'shared' } }),
      ],
    ],
  ] satisfies [string, KubeManifest[]][])('finds %s', (rule, objects) => {
    expect(lintManifests(objects).map((finding) => finding.rule)).toEqual([rule]);
  });

  it.each([
    ['a digest', [deployment({ image: 'vllm@sha256:abc' })]],
    ['a sum', [trigger({ query: 'sum(vllm:num_requests_waiting)' })]],
    ['an average as a value', [trigger({ query: 'avg(x)' }, { metricType: 'Value' })]],
    ['a pause within the grace', [deployment({ lifecycle: { preStop: { sleep: { seconds: 10 } } } })]],
    ['one at a time', [deployment({}, {}, { replicas: 2 }), object('PodDisruptionBudget', { maxUnavailable: 1, selector: { matchLabels: { app: 'x' } } })]],
    ['seven slices', [object('ConfigMap', {}, { data: { 'config.yaml': 'mig-devices:\n  3g.20gb: 1\n  2g.10gb: 2\n' } })]],
  ] satisfies [string, KubeManifest[]][])('has nothing against %s', (_what, objects) => {
    expect(lintManifests(objects)).toEqual([]);
  });

  it('does not stumble over objects of any shape', () => {
    const strange = [
      object('Deployment', {}),
      { apiVersion: 'v1', kind: 'ScaledObject', metadata: { name: 'x' } },
      object('NodePool', { disruption: { budgets: 'all' } }),
      object('ConfigMap', {}, { data: null }),
    ];
    expect(() => lintManifests(strange as KubeManifest[])).not.toThrow();
  });
});
