/** A request that may have to wait for its model. */
export interface FlowRequest {
  /** Higher ones go first, whatever it costs those below; 0 is usual. */
  readonly priority: number;
  /** Who shares the band in equal parts. */
  readonly tenant: string;
  /** What shares the part of its tenant: a session, an agent or a key. */
  readonly program: string;
  /** What it will probably cost, in tokens; at least 1 is counted. */
  readonly costTokens: number;
  /** Memory that it holds while it waits. */
  readonly bytes: number;
  /** Monotonic time after which its place is of no use to it. */
  readonly deadlineMs?: number | undefined;
}

/** A request in a queue. */
export interface Waiter extends FlowRequest {
  readonly sinceMs: number;
}
