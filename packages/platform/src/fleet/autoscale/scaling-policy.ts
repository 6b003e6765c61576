/** One replica that takes requests, at one moment. */
export interface ReplicaSample {
  readonly running: number;
  readonly waiting: number;
  /** Share of its KV memory that requests hold, from 0 to 1. */
  readonly kvUse: number;
  /** Prompt tokens that it has taken and not yet computed. */
  readonly queuedTokens: number;
  /** Context tokens of the requests that decode. */
  readonly decodeTokens: number;
  /** The pass in progress, as engines report their passes; absent while it is idle. */
  readonly pass?: { readonly prefillTokens: number; readonly decodeTokens: number; readonly wallMs: number } | undefined;
}

/** What an autoscaler sees of a fleet at one moment. */
export interface FleetSample {
  readonly atMs: number;
  readonly replicas: readonly ReplicaSample[];
  /** Replicas that start. */
  readonly pending: number;
  /** Requests that wait because no replica is ready. */
  readonly held: number;
  /** Over the life of the fleet. */
  readonly totals: {
    readonly requests: number;
    readonly inputTokens: number;
    readonly outputTokens: number;
    readonly cachedTokens: number;
  };
}

/** Decides how many replicas a fleet is to have. Keeps what it has seen; the same samples give the same decisions. */
export interface ScalingPolicy {
  readonly name: string;
  /** How often it wants to be asked. */
  readonly everyMs: number;
  /** Replicas wanted, ready and starting ones together; the caller keeps its bounds. */
  decide(sample: FleetSample): number;
}

/** How many requests of a size one replica serves per second within the objectives; 0 where not even one. */
export type EngineCapacity = (request: {
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly ttftMs: number;
  readonly itlMs: number;
}) => number;
