export interface BackoffOptions {
  readonly baseMs: number;
  readonly maxMs: number;
  /** From 0 to 1. */
  readonly random: () => number;
}

/**
 * Delay before retry number `attempt` (0 is the first): exponential with full jitter.
 * Source: "Exponential Backoff And Jitter", AWS Architecture Blog, 2015.
 */
export function backoffMs(attempt: number, options: BackoffOptions): number {
  const ceiling = Math.min(options.maxMs, options.baseMs * 2 ** attempt);
  return Math.round(options.random() * ceiling);
}
