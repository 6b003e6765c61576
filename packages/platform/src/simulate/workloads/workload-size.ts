/** How much traffic is made. */
export interface WorkloadSize {
  readonly requests: number;
  /** In the mean, as long as no one waits longer than planned. */
  readonly perSecond: number;
  readonly blockTokens: number;
}
