import { type Kube, type KubeObject, startInformer } from '#kube';
import type { Log } from '#telemetry';
import type { Clock } from '#time';
import { type Discovery, type DiscoveryEvents, endpointAt, type FoundEndpoint, tellChanges } from './discovery.ts';

const POOL_VERSION = 'inference.networking.k8s.io/v1';

export interface PoolEndpointsOptions extends DiscoveryEvents {
  readonly pool: string;
  readonly namespace: string;
  readonly kube: Pick<Kube, 'list' | 'watch'>;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Log;
}

/**
 * The ready pods of an InferencePool, each of its target ports an endpoint, as the Gateway API Inference Extension defines it. Follows
 * the pool and its pods; a pod that is being deleted is gone at once.
 */
export function poolEndpoints(options: PoolEndpointsOptions): Discovery {
  const { namespace, kube, clock, random, log } = options;
  const tell = tellChanges(options.onChange);
  let pool: KubeObject | undefined;
  const pods = new Map<string, KubeObject>();

  const refresh = (): void => {
    if (pool === undefined) {
      options.onProblem('discovery-failed', `there is no InferencePool ${options.pool} in the namespace ${namespace}`);
      tell([]);
      return;
    }
    options.onWell();
    const { labels, ports } = readPool(pool);
    tell([...pods.values()].flatMap((pod) => endpointsOf(pod, labels, ports)));
  };

  const deps = { kube, clock, random, log };
  const isOurs = (object: KubeObject): boolean => object.metadata.name === options.pool;
  const pools = startInformer(
    { apiVersion: POOL_VERSION, kind: 'InferencePool', namespace },
    {
      changed: (object) => {
        if (!isOurs(object)) return;
        pool = object;
        refresh();
      },
      gone: (object) => {
        if (!isOurs(object)) return;
        pool = undefined;
        refresh();
      },
    },
    deps,
  );
  const follower = startInformer(
    { apiVersion: 'v1', kind: 'Pod', namespace },
    {
      changed: (pod) => {
        pods.set(pod.metadata.name, pod);
        refresh();
      },
      gone: (pod) => {
        pods.delete(pod.metadata.name);
        refresh();
      },
    },
    deps,
  );
  return {
    ready: Promise.all([pools.synced, follower.synced]).then(refresh),
    close: async () => {
      await Promise.all([pools.close(), follower.close()]);
    },
  };
}

interface PoolSpec {
  readonly selector?: { readonly matchLabels?: Readonly<Record<string, string>> };
  readonly targetPorts?: readonly { readonly number?: number }[];
}

interface PodStatus {
  readonly podIP?: string;
  readonly conditions?: readonly { readonly type?: string; readonly status?: string }[];
}

function readPool(pool: KubeObject): { readonly labels: Readonly<Record<string, string>>; readonly ports: readonly number[] } {
  const spec = (pool['spec'] ?? {}) as PoolSpec;
  return { labels: spec.selector?.matchLabels ?? {}, ports: (spec.targetPorts ?? []).flatMap(({ number }) => (number === undefined ? [] : [number])) };
}

/** A selector without labels selects nothing, so that a broken pool does not take every pod. */
function endpointsOf(pod: KubeObject, labels: Readonly<Record<string, string>>, ports: readonly number[]): FoundEndpoint[] {
  const wanted = Object.entries(labels);
  const status = (pod['status'] ?? {}) as PodStatus;
  const { podIP } = status;
  const isReady = status.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True') === true;
  const isSelected = wanted.length > 0 && wanted.every(([label, value]) => pod.metadata.labels?.[label] === value);
  if (podIP === undefined || !isReady || !isSelected || pod.metadata.deletionTimestamp !== undefined) return [];
  const role = ROLES[pod.metadata.labels?.[ROLE_LABEL] ?? ''];
  return ports.map((port) => (role === undefined ? endpointAt(podIP, port) : { ...endpointAt(podIP, port), role }));
}

/** By which llm-d tells prefill pods from decode pods; a pod that does both has no role. */
const ROLE_LABEL = 'llm-d.ai/role';
const ROLES: Readonly<Record<string, 'prefill' | 'decode'>> = { prefill: 'prefill', decode: 'decode' };
