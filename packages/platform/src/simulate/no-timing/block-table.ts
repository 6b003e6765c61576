import type { RequestSource } from '../trace/trace-request.ts';
import { createBlockPolicy } from './block-policies.ts';
import { type BlockReplayResult, blockReplay, pooledReplay } from './block-replay.ts';

export interface BlockTableOptions {
  readonly trace: RequestSource;
  readonly workers: number;
  /** Blocks per worker, one row each. */
  readonly capacities: readonly number[];
  /** Names of `#router` policies, one column each. */
  readonly policies: readonly string[];
  readonly seed: number;
}

export interface BlockRow {
  readonly capacity: number;
  /** In the order of the policies. */
  readonly cells: readonly BlockReplayResult[];
  /** One cache as large as all workers' together: what routing alone can not pass. */
  readonly pooledHitRate: number;
  readonly requests: number;
}

/** Replays the trace for every capacity and policy. */
export function blockTable(options: BlockTableOptions): BlockRow[] {
  const { trace, workers, seed } = options;
  return options.capacities.map((capacity) => {
    const pooled = pooledReplay(trace, capacity * workers);
    const cells = options.policies.map((policy) => blockReplay(createBlockPolicy(policy), { trace, workers, capacity, seed }));
    return { capacity, cells, pooledHitRate: pooled.hitRate, requests: pooled.requests };
  });
}
