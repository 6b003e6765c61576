import { sizeOf, sumOf } from '../fleet-sums.ts';
import type { ScalingPolicy } from '../scaling-policy.ts';
import type { ScalingSpec } from '../scaling-spec.ts';
import { createHpa, HPA_SYNC_MS, SCALE_DOWN_WINDOW_MS } from './hpa.ts';

/** A HorizontalPodAutoscaler on the mean number of waiting requests per replica. */
export function createHpaQueue(spec: ScalingSpec): ScalingPolicy {
  const hpa = createHpa({ scaleDownWindowMs: spec.scaleDownWindowMs ?? SCALE_DOWN_WINDOW_MS });
  const perReplica = spec.targetWaiting ?? 4;
  return {
    name: 'hpa-queue',
    everyMs: spec.everyMs ?? HPA_SYNC_MS,
    decide: (sample) => hpa.desired({ atMs: sample.atMs, replicas: sizeOf(sample) }, [{ total: sumOf(sample, 'waiting') + sample.held, perReplica }]),
  };
}
