/** A recorded workload, as the composition reads it from a file: arrivals and lengths, and which blocks prompts have in common. */
export interface LoadTrace {
  readonly name: string;
  readonly blockTokens: number;
  /** In order of time. */
  readonly requests: readonly LoadTraceRequest[];
}

export interface LoadTraceRequest {
  readonly atMs: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** Ids of the blocks of the prompt; equal ids become equal text. */
  readonly blocks: readonly number[];
}
