/** One request of a trace. */
export interface TraceRequest {
  /** From the start of the trace. */
  readonly atMs: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** Ids of the blocks of the prompt, each standing for all before it too; empty where the trace tells nothing of prefixes. */
  readonly blocks: readonly number[];
}

export interface Trace {
  readonly format: 'mooncake' | 'azure';
  /** Tokens per block. */
  readonly blockTokens: number;
  /** In order of time. */
  readonly requests: readonly TraceRequest[];
}
