import { sizeOf, sumOf } from './fleet-sums.ts';
import type { FleetSample, ScalingPolicy } from './scaling-policy.ts';
import type { ScalingSpec } from './scaling-spec.ts';

const FULL_KV = 0.8;
const FULL_QUEUE = 5;
const SPARE_KV = 0.1;
const SPARE_QUEUE = 3;
const EVERY_MS = 30_000;

/**
 * The saturation rule of llm-d's Workload Variant Autoscaler: one more replica when those that are not saturated have little to
 * spare, one fewer when the rest would still have enough. It waits while a replica starts.
 */
export const createWva = (spec: ScalingSpec): ScalingPolicy => ({
  name: 'wva',
  everyMs: spec.everyMs ?? EVERY_MS,
  decide: (sample) => {
    const size = sizeOf(sample);
    if (sample.pending > 0) return size;
    if (sample.replicas.length === 0) return sample.held > 0 ? 1 : size;
    if (isShort(sample)) return size + 1;
    return size > 1 && !isTight(sumOf(sample, 'kvUse') / (size - 1), (sumOf(sample, 'waiting') + sample.held) / (size - 1)) ? size - 1 : size;
  },
});

/** Little to spare on the mean over the replicas that are not saturated; or all of them are. */
function isShort({ replicas }: FleetSample): boolean {
  const open = replicas.filter(({ kvUse, waiting }) => kvUse < FULL_KV && waiting < FULL_QUEUE);
  const mean = (of: (replica: FleetSample['replicas'][number]) => number): number => open.reduce((sum, replica) => sum + of(replica), 0) / open.length;
  return (
    open.length === 0 ||
    isTight(
      mean((replica) => replica.kvUse),
      mean((replica) => replica.waiting),
    )
  );
}

const isTight = (kvUse: number, waiting: number): boolean => FULL_KV - kvUse < SPARE_KV || FULL_QUEUE - waiting < SPARE_QUEUE;
