import type { TwinProfile } from '#engines';
import type { PolicyResult, Slo } from '../report/result.ts';

/** What a sweep varies, and what stays. Values that can cross to a worker thread. */
export interface SweepPlan {
  /** A file, or the name of made traffic. */
  readonly tracePath: string;
  /** Only so many of its first requests. */
  readonly limit?: number | undefined;
  readonly policies: readonly string[];
  /** 2 lets requests arrive twice as fast. */
  readonly rateScales: readonly number[];
  readonly replicas: readonly number[];
  /** KV blocks per replica; what the profile's memory holds where empty. */
  readonly kvBlocks: readonly number[];
  readonly seeds: readonly number[];
  readonly profile: string | TwinProfile;
  readonly slo: Slo;
  readonly gpuUsdPerHour?: number | undefined;
  readonly maxWaiting?: number | undefined;
}

/** One simulation of a sweep. */
export interface SweepCell {
  readonly policy: string;
  readonly rateScale: number;
  readonly replicas: number;
  /** 0 takes what the profile's memory holds. */
  readonly kvBlocks: number;
  readonly seed: number;
}

export interface CellResult {
  readonly cell: SweepCell;
  readonly result: PolicyResult;
}

/** The simulations of a plan in a fixed order, so that policies at one load stand together. */
export function cellsOf(plan: SweepPlan): readonly SweepCell[] {
  const sizes = plan.kvBlocks.length === 0 ? [0] : plan.kvBlocks;
  return plan.replicas.flatMap((replicas) =>
    sizes.flatMap((kvBlocks) =>
      plan.rateScales.flatMap((rateScale) => plan.seeds.flatMap((seed) => plan.policies.map((policy) => ({ policy, rateScale, replicas, kvBlocks, seed })))),
    ),
  );
}

export const cellKey = ({ policy, rateScale, replicas, kvBlocks, seed }: SweepCell): string => [policy, rateScale, replicas, kvBlocks, seed].join(' ');
