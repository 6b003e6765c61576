import type { Bound } from './replica-capacity.ts';

/** One way to serve the demand, with its price. Money is in nano-USD. */
export interface SizeOption {
  readonly instance: string;
  readonly gpu: string;
  readonly tensorParallel: number;
  readonly pipelineParallel: number;
  readonly replicas: number;
  readonly instances: number;
  /** GPUs that the replicas use; the rest of the rented ones is idle. */
  readonly gpusUsed: number;
  readonly gpusRented: number;
  /** Tokens of KV cache per replica. */
  readonly kvTokens: number;
  /** Requests per second that one replica takes within the limits, and what keeps it from more. */
  readonly peakRpsPerReplica: number;
  readonly peakConcurrencyPerReplica: number;
  readonly boundBy: Bound;
  /** At the demanded load, spread evenly. */
  readonly concurrencyPerReplica: number;
  readonly ttftMs: number;
  readonly itlMs: number;
  readonly costNanoUsdPerHour: number;
  readonly costNanoUsdPerMonth: number;
  /** Input and output tokens together, at the demanded load. */
  readonly costNanoUsdPerMillionTokens: number;
  readonly costNanoUsdPerMillionOutputTokens: number;
}

/** The answer of `sizeModel`. */
export interface SizePlan {
  readonly model: string;
  readonly weightsBytes: number;
  /** Bytes that one more token of a long sequence adds. */
  readonly kvBytesPerToken: number;
  readonly kvBytesPerSequence: number;
  /** Least GPU memory of one replica: weights and the longest sequence. */
  readonly minReplicaBytes: number;
  readonly choice: SizeOption;
  /** Other ways, cheapest first. */
  readonly alternatives: readonly SizeOption[];
  /** The arithmetic, line by line, for people. */
  readonly reasoning: readonly string[];
  readonly prices: { readonly source: string; readonly region: string; readonly date: string; readonly capacityType: string };
}
