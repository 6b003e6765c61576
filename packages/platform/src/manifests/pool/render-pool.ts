import type { GpuPool } from '@maru/api/resources';
import { toKubeDuration } from '../kube-duration.ts';
import type { KubeManifest } from '../manifest.ts';
import { kubeName, LABELS, managedLabels, meta } from '../names.ts';
import type { RenderContext } from '../render-options.ts';
import type { Rendered } from '../rendered.ts';
import { sharingConfig } from './sharing-config.ts';

/** Nodes of one GpuPool for Karpenter, how their GPUs are shared, and the quota of the namespace. */
export function renderPool(pool: GpuPool, context: RenderContext): readonly Rendered[] {
  const origin = `GpuPool/${pool.metadata.name}`;
  const object = (manifest: KubeManifest | undefined, purpose: string): Rendered[] => (manifest === undefined ? [] : [{ manifest, origin, purpose }]);
  return [
    ...object(pool.spec.nodeClass.autoMode ? autoModeNodeClass(pool, context) : ec2NodeClass(pool, context), 'machine image, disks and network of the nodes'),
    ...object(nodePool(pool), 'which nodes may be started, and when they go'),
    ...object(sharingConfig(pool, context), 'how several pods share a GPU'),
    ...object(resourceQuota(pool, context), 'the namespace asks for no more GPUs than the pool may have'),
  ];
}

const poolLabels = (pool: GpuPool): Readonly<Record<string, string>> => managedLabels({ [LABELS.pool]: pool.metadata.name });
const clusterScoped = (pool: GpuPool): KubeManifest['metadata'] => ({ name: kubeName(pool.metadata.name), labels: poolLabels(pool) });
const fill = (text: string, context: RenderContext): string => text.replaceAll('${CLUSTER_NAME}', context.clusterName);
const CONSOLIDATION = { 'when-empty': 'WhenEmpty', 'when-empty-or-underutilized': 'WhenEmptyOrUnderutilized' } as const;

function nodePool(pool: GpuPool): KubeManifest {
  const { spec } = pool;
  const auto = spec.nodeClass.autoMode;
  const among = (key: string, values: readonly string[]): Record<string, unknown>[] =>
    values.length === 0 ? [] : [{ key, operator: 'In', values: [...values] }];
  return {
    apiVersion: 'karpenter.sh/v1',
    kind: 'NodePool',
    metadata: clusterScoped(pool),
    spec: {
      ...(spec.weight === undefined ? {} : { weight: spec.weight }),
      limits: {
        'nvidia.com/gpu': String(spec.limits.gpus),
        ...(spec.limits.cpu === undefined ? {} : { cpu: spec.limits.cpu }),
        ...(spec.limits.memory === undefined ? {} : { memory: spec.limits.memory }),
      },
      template: {
        metadata: { labels: { ...spec.labels, [LABELS.pool]: pool.metadata.name, ...sharingLabels(pool) } },
        spec: {
          nodeClassRef: auto
            ? { group: 'eks.amazonaws.com', kind: 'NodeClass', name: kubeName(pool.metadata.name) }
            : { group: 'karpenter.k8s.aws', kind: 'EC2NodeClass', name: kubeName(pool.metadata.name) },
          expireAfter: '720h',
          // Longer than a model's own grace period, so that a drain never cuts an answer.
          terminationGracePeriod: '30m',
          ...(spec.taints ? { taints: [{ key: 'nvidia.com/gpu', value: 'true', effect: 'NoSchedule' }] } : {}),
          requirements: [
            ...among('node.kubernetes.io/instance-type', spec.instanceTypes),
            ...among('karpenter.sh/capacity-type', spec.capacityTypes),
            ...among('topology.kubernetes.io/zone', spec.zones),
          ],
        },
      },
      disruption: {
        consolidationPolicy: CONSOLIDATION[spec.disruption.consolidate],
        consolidateAfter: toKubeDuration(spec.disruption.after, ['h', 'm', 's']),
        // Schedules are in UTC; Karpenter has no field for a time zone.
        ...(spec.disruption.budgets.length === 0 ? {} : { budgets: spec.disruption.budgets.map(budgetOf) }),
      },
    },
  };
}

type Budget = GpuPool['spec']['disruption']['budgets'][number];

function budgetOf(budget: Budget): Record<string, unknown> {
  const duration = budget.duration === undefined ? {} : { duration: toKubeDuration(budget.duration, ['h', 'm']) };
  return { nodes: budget.nodes, ...(budget.schedule === undefined ? {} : { schedule: budget.schedule }), ...duration };
}

/** The device plugin and the MIG manager of the GPU operator read these labels of a node. */
function sharingLabels(pool: GpuPool): Readonly<Record<string, string>> {
  switch (pool.spec.sharing.mode) {
    case 'time-slicing':
    case 'mps':
      return { 'nvidia.com/device-plugin.config': kubeName(pool.metadata.name) };
    case 'mig':
      return { 'nvidia.com/mig.config': kubeName(pool.metadata.name) };
    default:
      return {};
  }
}

function ec2NodeClass(pool: GpuPool, context: RenderContext): KubeManifest {
  const { nodeClass } = pool.spec;
  const discovery = [{ tags: { 'karpenter.sh/discovery': fill(nodeClass.discoveryTag, context) } }];
  return {
    apiVersion: 'karpenter.k8s.aws/v1',
    kind: 'EC2NodeClass',
    metadata: clusterScoped(pool),
    spec: {
      role: fill(nodeClass.role, context),
      amiSelectorTerms: [{ alias: nodeClass.amiAlias }],
      subnetSelectorTerms: discovery,
      securityGroupSelectorTerms: discovery,
      // Weights are read from the local disks of GPU machines.
      instanceStorePolicy: 'RAID0',
      metadataOptions: { httpTokens: 'required', httpPutResponseHopLimit: 1 },
      blockDeviceMappings: [
        { deviceName: '/dev/xvda', ebs: { volumeSize: nodeClass.volumeSize, volumeType: 'gp3', iops: 16_000, throughput: 1000, encrypted: true } },
      ],
    },
  };
}

function autoModeNodeClass(pool: GpuPool, context: RenderContext): KubeManifest {
  const { nodeClass } = pool.spec;
  const discovery = [{ tags: { 'karpenter.sh/discovery': fill(nodeClass.discoveryTag, context) } }];
  return {
    apiVersion: 'eks.amazonaws.com/v1',
    kind: 'NodeClass',
    metadata: clusterScoped(pool),
    spec: {
      role: fill(nodeClass.role, context),
      subnetSelectorTerms: discovery,
      securityGroupSelectorTerms: discovery,
      ephemeralStorage: { size: nodeClass.volumeSize },
    },
  };
}

/** Extended resources know `requests.` only. */
const resourceQuota = (pool: GpuPool, context: RenderContext): KubeManifest | undefined =>
  pool.spec.sharing.mode === 'exclusive'
    ? {
        apiVersion: 'v1',
        kind: 'ResourceQuota',
        metadata: meta(`gpu-${kubeName(pool.metadata.name)}`, context.namespace, poolLabels(pool)),
        spec: { hard: { 'requests.nvidia.com/gpu': String(pool.spec.limits.gpus) } },
      }
    : undefined;
