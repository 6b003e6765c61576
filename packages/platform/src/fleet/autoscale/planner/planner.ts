import { sizeOf } from '../fleet-sums.ts';
import type { EngineCapacity, ScalingPolicy } from '../scaling-policy.ts';
import type { ScalingSpec } from '../scaling-spec.ts';
import { createLoadLoop } from './load-loop.ts';
import { createThroughputLoop } from './throughput-loop.ts';

/** Objectives of Dynamo's planner where nothing is said. */
const TTFT_MS = 500;
const ITL_MS = 50;
const LOAD_EVERY_MS = 5000;
const THROUGHPUT_EVERY_MS = 180_000;
const SENSITIVITY = 0.8;

/**
 * Dynamo's planner: a slow loop that predicts the load and divides it by what a replica can do within the objectives, and a fast
 * loop that looks at the load that is there. Where both run, the slow one is the lower bound. Nothing is begun while a replica starts.
 */
export function createPlanner(spec: ScalingSpec, capacity: EngineCapacity): ScalingPolicy {
  const { loops = 'both', predictor = 'arima', season = 24, ttftMs = TTFT_MS, itlMs = ITL_MS, sensitivity = SENSITIVITY, ...planner } = spec.planner ?? {};
  const loadEveryMs = spec.everyMs ?? LOAD_EVERY_MS;
  const throughputEveryMs = planner.throughputEveryMs ?? THROUGHPUT_EVERY_MS;
  const throughput = loops === 'load' ? undefined : createThroughputLoop({ everyMs: throughputEveryMs, predictor, season, ttftMs, itlMs, capacity });
  const load = loops === 'throughput' ? undefined : createLoadLoop({ ttftMs, itlMs, sensitivity });
  return {
    name: 'dynamo-planner',
    everyMs: load === undefined ? throughputEveryMs : loadEveryMs,
    decide: (sample) => {
      const least = throughput?.observe(sample);
      const step = load?.observe(sample) ?? 0;
      const size = sizeOf(sample);
      if (sample.pending > 0) return size;
      if (load === undefined) return least ?? size;
      return Math.max(least ?? 0, size + step);
    },
  };
}
