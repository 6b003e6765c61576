/** What one request measured. Times in milliseconds of the clock of the test. */
export interface RequestSample {
  readonly outcome: 'completed' | 'failed' | 'cancelled';
  /** `http 429`, `upstream_timeout`, `too_long`: absent when it completed. */
  readonly errorKind?: string;
  readonly errorText?: string;
  /** When it left, and when the plan wanted it to. */
  readonly sentMs: number;
  readonly plannedMs: number;
  readonly endMs: number;
  /** Arrivals of chunks that brought something to read; without streaming, one. */
  readonly chunkMs: readonly number[];
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** Undefined where the server tells nothing of its cache. */
  readonly cachedTokens: number | undefined;
  /** True when the answer says that a simulated engine made it. */
  readonly simulated?: boolean;
}
