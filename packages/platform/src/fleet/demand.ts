import type { Architecture } from './catalogue.ts';

export const PRECISIONS = ['native', 'bf16', 'fp8', 'int4'] as const;
export type Precision = (typeof PRECISIONS)[number];
export const CAPACITY_TYPES = ['on-demand', 'spot'] as const;
export type CapacityType = (typeof CAPACITY_TYPES)[number];

/** Figures of a model that the catalogue does not know; the shape of `spec.architecture` of a Model. */
export interface ArchitectureFigures {
  readonly parameters: number;
  readonly activeParameters?: number | undefined;
  readonly layers: number;
  readonly hiddenSize: number;
  readonly attentionHeads: number;
  readonly kvHeads: number;
  readonly headDim: number;
  readonly bytesPerWeight?: number | undefined;
  readonly bytesPerKv?: number | undefined;
}

/** What is asked of a model: the load, how fast it must answer, and what may be rented for it. */
export interface Demand {
  /** A name of the catalogue; not needed with `architecture`. */
  readonly model?: string | undefined;
  readonly architecture?: ArchitectureFigures | undefined;
  /** Mean prompt length. */
  readonly inputTokens: number;
  /** Mean length of the answer. */
  readonly outputTokens: number;
  /** Requests per second. */
  readonly rps: number;
  /** Mean time to the first token that is still good; no limit where left out. */
  readonly ttftMs?: number | undefined;
  /** Mean time between tokens that is still good; no limit where left out. */
  readonly itlMs?: number | undefined;
  /** Of the weights; `native` is the precision of the published checkpoint. */
  readonly precision?: Precision | undefined;
  readonly kvPrecision?: 'bf16' | 'fp8' | undefined;
  /** Longest sequence that must fit; input plus output where left out. */
  readonly contextWindow?: number | undefined;
  readonly capacityType?: CapacityType | undefined;
  /** Only these instance types; all of the catalogue where left out. */
  readonly instanceTypes?: readonly string[] | undefined;
  /** At most this many GPUs in all. */
  readonly maxGpus?: number | undefined;
}

/** A demand whose gaps are filled and whose model is known. */
export interface Workload {
  readonly architecture: Architecture;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly rps: number;
  readonly ttftMs: number;
  readonly itlMs: number;
  readonly precision: Precision;
  readonly bytesPerKv: number;
  readonly contextWindow: number;
}
