import { sizeOf, sumOf } from '../fleet-sums.ts';
import type { FleetSample, ScalingPolicy } from '../scaling-policy.ts';
import type { KedaTrigger, ScalingSpec } from '../scaling-spec.ts';
import { createHpa, HPA_SYNC_MS, SCALE_DOWN_WINDOW_MS } from './hpa.ts';

const POLLING_MS = 30_000;
const COOLDOWN_MS = 300_000;
/** Prometheus triggers on the sums of what vLLM reports: a replica for so many that wait or run. */
const TRIGGERS: readonly KedaTrigger[] = [
  { metric: 'waiting', threshold: 4 },
  { metric: 'running', threshold: 64 },
];

/** A ScaledObject of KEDA: the autoscaler of Kubernetes between one and many, KEDA's own polling and cooldown between none and one. */
export function createKeda(spec: ScalingSpec): ScalingPolicy {
  const triggers = spec.triggers ?? TRIGGERS;
  const hpa = createHpa({ scaleDownWindowMs: spec.scaleDownWindowMs ?? SCALE_DOWN_WINDOW_MS });
  let polledMs = Number.NEGATIVE_INFINITY;
  let activeMs = Number.NEGATIVE_INFINITY;
  return {
    name: 'keda',
    everyMs: spec.everyMs ?? HPA_SYNC_MS,
    decide: (sample) => {
      const { atMs } = sample;
      const replicas = sizeOf(sample);
      const metrics = triggers.map(({ metric, threshold }) => ({ total: totalOf(sample, metric), perReplica: threshold }));
      const isActive = metrics.some(({ total }) => total > 0);
      if (isActive) activeMs = atMs;
      if (replicas > 0) return isActive || atMs - activeMs < COOLDOWN_MS ? Math.max(1, hpa.desired({ atMs, replicas }, metrics)) : 0;
      if (atMs - polledMs < POLLING_MS) return 0;
      polledMs = atMs;
      return isActive ? 1 : 0;
    },
  };
}

/** What waits for a replica waits in the queue that the trigger asks about. */
const totalOf = (sample: FleetSample, metric: KedaTrigger['metric']): number => sumOf(sample, metric) + (metric === 'waiting' ? sample.held : 0);
