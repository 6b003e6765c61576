import type { SimulationDetail, SimulationRow } from '@maru/api/wire';

/** A simulation in the terms of the simulator. */
export interface SweepOrder {
  /** A file, or the name of made traffic. */
  readonly tracePath: string;
  readonly limit?: number;
  readonly policies: readonly string[];
  readonly rateScales: readonly number[];
  readonly replicas: readonly number[];
  readonly kvBlocks: readonly number[];
  readonly seeds: readonly number[];
  readonly profile: string;
  readonly slo: { readonly ttftMs: number; readonly itlMs: number };
  readonly gpuUsdPerHour: number;
  readonly maxWaiting?: number;
}

type Profile = NonNullable<SimulationDetail['profile']>;

/** The simulator as the control plane needs it. */
export interface SweepPort {
  readonly profiles: readonly Profile[];
  /** Traces that come with the program. */
  readonly traces: readonly { readonly id: string; readonly title: string; readonly path: string }[];
  /** Plays in a thread of its own with what others leave of the processors; results go to `statePath`, and what is there is not played again. */
  play(
    order: SweepOrder,
    options: { readonly statePath: string; readonly signal: AbortSignal; readonly onProgress: (done: number, all: number) => void },
  ): Promise<void>;
  /** Combinations whose results stand in the file. */
  played(statePath: string): Promise<number>;
  /** What stands in the file so far. */
  rows(statePath: string): Promise<readonly SimulationRow[]>;
  /** The same as one HTML page. */
  report(statePath: string, head: { readonly title: string; readonly facts: readonly string[] }): Promise<string>;
}
