import { PlatformError } from '@maru/api/errors';
import { sizeOf } from './fleet-sums.ts';
import { createHpaQueue } from './hpa/hpa-queue.ts';
import { createKeda } from './hpa/keda.ts';
import { createPlanner } from './planner/planner.ts';
import type { EngineCapacity, ScalingPolicy } from './scaling-policy.ts';
import { SCALING_POLICIES, type ScalingSpec } from './scaling-spec.ts';
import { createWva } from './wva.ts';

const MINUTE_MS = 60_000;

/** A way to scale a fleet, from its settings; throws `config_invalid` for one that does not exist and for an interval that is none. */
export function createScaling(spec: ScalingSpec, capacity: EngineCapacity): ScalingPolicy {
  for (const everyMs of [spec.everyMs, spec.planner?.throughputEveryMs])
    if (everyMs !== undefined && !(everyMs >= 100))
      throw new PlatformError('config_invalid', { message: `a scaling interval must be 100 ms or more, not ${everyMs}` });
  switch (spec.policy) {
    case 'fixed':
      return { name: 'fixed', everyMs: spec.everyMs ?? MINUTE_MS, decide: sizeOf };
    case 'hpa-queue':
      return createHpaQueue(spec);
    case 'keda':
      return createKeda(spec);
    case 'wva':
      return createWva(spec);
    case 'dynamo-planner':
      return createPlanner(spec, capacity);
    default:
      throw new PlatformError('config_invalid', { message: `no way to scale is called "${String(spec.policy)}"; use one of: ${SCALING_POLICIES.join(', ')}` });
  }
}
