import type { TwinProfile } from '#engines';
import type { PolicyResult, Slo } from '../report/result.ts';
import type { FleetOptions } from '../timed/fleet/fleet-options.ts';

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
  /** Ways to scale the fleet, as `parseScaling` reads them; it never changes where absent or empty. */
  readonly scalings?: readonly string[] | undefined;
  /** Ways to control the flow in the gateway, as `parseFlow` reads them; off where absent or empty. */
  readonly flows?: readonly string[] | undefined;
  /** Of fleets that change; the objectives of the planner are those of the sweep. */
  readonly fleet?: Omit<FleetOptions, 'scaling'> | undefined;
}

/** One simulation of a sweep. */
export interface SweepCell {
  readonly policy: string;
  readonly rateScale: number;
  readonly replicas: number;
  /** 0 takes what the profile's memory holds. */
  readonly kvBlocks: number;
  readonly seed: number;
  readonly scaling?: string;
  readonly flow?: string;
}

export interface CellResult {
  readonly cell: SweepCell;
  readonly result: PolicyResult;
}

/** The simulations of a plan in a fixed order, so that policies at one load stand together. */
export function cellsOf(plan: SweepPlan): readonly SweepCell[] {
  const sizes = plan.kvBlocks.length === 0 ? [0] : plan.kvBlocks;
  const scalings = (plan.scalings ?? []).length === 0 ? [{}] : (plan.scalings ?? []).map((scaling) => ({ scaling }));
  const flows = (plan.flows ?? []).length === 0 ? [{}] : (plan.flows ?? []).map((flow) => ({ flow }));
  return plan.replicas.flatMap((replicas) =>
    sizes.flatMap((kvBlocks) =>
      plan.rateScales.flatMap((rateScale) =>
        plan.seeds.flatMap((seed) =>
          plan.policies.flatMap((policy) =>
            scalings.flatMap((scaling) => flows.map((flow) => ({ policy, rateScale, replicas, kvBlocks, seed, ...scaling, ...flow }))),
          ),
        ),
      ),
    ),
  );
}

export const cellKey = ({ policy, rateScale, replicas, kvBlocks, seed, scaling = '', flow = '' }: SweepCell): string =>
  [policy, rateScale, replicas, kvBlocks, seed, scaling, flow].join(' ');
