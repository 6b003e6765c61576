export interface HpaOptions {
  readonly scaleDownWindowMs: number;
}

/** One proposal to a horizontal pod autoscaler: a metric summed over the fleet, and how much of it a replica is to have. */
interface HpaMetric {
  readonly total: number;
  readonly perReplica: number;
}

/** Decides as the HorizontalPodAutoscaler of Kubernetes does, with its default behaviour. */
export interface Hpa {
  desired(now: { readonly atMs: number; readonly replicas: number }, metrics: readonly HpaMetric[]): number;
}

export const HPA_SYNC_MS = 15_000;
export const SCALE_DOWN_WINDOW_MS = 300_000;
const TOLERANCE = 0.1;
/** A fleet grows by this many replicas or to its double per period, whichever is more. */
const GROWTH_REPLICAS = 4;

export function createHpa({ scaleDownWindowMs }: HpaOptions): Hpa {
  /** What was proposed within the window. */
  let proposals: { readonly atMs: number; readonly replicas: number }[] = [];
  return {
    desired: ({ atMs, replicas }, metrics) => {
      const proposed = Math.max(...metrics.map((metric) => proposalOf(metric, replicas)));
      proposals = [...proposals.filter((each) => each.atMs > atMs - scaleDownWindowMs), { atMs, replicas: proposed }];
      if (proposed > replicas) return Math.min(proposed, Math.max(replicas + GROWTH_REPLICAS, replicas * 2));
      return Math.min(replicas, Math.max(...proposals.map((each) => each.replicas)));
    },
  };
}

/** Replicas that start count as if they had none of the metric, which the sum over the fleet says by itself. */
function proposalOf({ total, perReplica }: HpaMetric, replicas: number): number {
  if (replicas === 0) return total > 0 ? 1 : 0;
  const ratio = total / (perReplica * replicas);
  return Math.abs(ratio - 1) <= TOLERANCE ? replicas : Math.ceil(total / perReplica);
}
