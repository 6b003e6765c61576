/** Mean and percentiles of a measure, the latter right to 0.1 %; all null when nothing was measured. */
export interface Summary {
  readonly mean: number | null;
  readonly p50: number | null;
  readonly p90: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
}

/** What one policy did to one trace in virtual time. Times in milliseconds of the simulated engines. */
export interface PolicyResult {
  readonly policy: string;
  /** KV blocks of each replica. */
  readonly kvBlocks: number;
  readonly requests: number;
  readonly completed: number;
  /** Requests that can never fit into the context or the memory of the engine. */
  readonly rejected: number;
  /** Requests that admission refused because too many waited. */
  readonly shed: number;
  /** Requests per second over the time in which they arrived, refused ones too: how much load was put on. */
  readonly offeredPerS: number;
  /** From the first arrival to the last token. */
  readonly makespanMs: number;
  readonly ttftMs: Summary;
  /** Points of the distribution of the time to first token: a time, and the share of requests that had it by then. */
  readonly ttftCurve: readonly (readonly [ms: number, share: number])[];
  /** Mean time before a request's first turn. */
  readonly queueMs: number;
  /** Requests waited longer for their turn than they were worked on: the figures tell the length of the trace more than the policy. */
  readonly collapsed: boolean;
  /** Time between two tokens, over all tokens. */
  readonly itlMs: Summary;
  readonly e2eMs: Summary;
  readonly requestsPerS: number;
  readonly outputTokensPerS: number;
  /** Completed requests within the SLO, per second and as a share of all; null without an SLO. */
  readonly goodputPerS: number | null;
  readonly withinSlo: number | null;
  /** Prompt tokens found in a prefix cache, as a share of all. */
  readonly hitRate: number;
  /** What the router had expected, on the same scale. */
  readonly expectedHitRate: number;
  /** Most over mean computed prompt tokens per replica; 1 is even. */
  readonly imbalance: number;
  readonly preemptions: number;
  /** Highest number of requests waiting in one replica. */
  readonly longestQueue: number;
  /** Price of the GPUs over the makespan per million tokens (prompt and answer); null without a price. */
  readonly usdPerMillionTokens: number | null;
  readonly usdPerMillionOutputTokens: number | null;
  /** Absent of a fleet that never changes. */
  readonly fleet?: FleetResult;
  /** Absent where the gateway does not control the flow. */
  readonly flow?: FlowResult;
  /** Absent where the trace names no tenants. */
  readonly tenants?: TenantsResult;
}

/** What flow control did to the requests. */
export interface FlowResult {
  /** Requests that had to wait for room and were then placed. */
  readonly waited: number;
  /** For how long, of those that had to wait. */
  readonly waitMs: Summary;
  /** Requests by the reason for which they were shed. */
  readonly shed: Readonly<Record<string, number>>;
}

/** What became of the requests of each tenant. */
export interface TenantsResult {
  /**
   * Jain's index over what each tenant got of its max-min fair share of all tokens that were served within the SLO: 1 where everybody got
   * that share, 1/n where one of n got everything. Null where nothing was served.
   */
  readonly fairness: number | null;
  /** Those with the most requests first; what is beyond the first ones is put together. */
  readonly each: readonly TenantResult[];
}

/** One tenant's requests of one priority. */
export interface TenantResult {
  readonly tenant: string;
  /** As the gateway counts: higher goes first. */
  readonly priority: number;
  readonly requests: number;
  readonly completed: number;
  /** Shed, or too long for a replica. */
  readonly refused: number;
  /** Share of its requests that were served within the SLO; null without one. */
  readonly withinSlo: number | null;
  readonly ttftMs: Summary;
  /** Mean wait for room of those that flow control let go; null where it is off. */
  readonly waitMs: number | null;
}

/** What became of a fleet that changes. */
export interface FleetResult {
  /** The way in which it was scaled. */
  readonly scaling: string;
  readonly scaleUps: number;
  readonly scaleDowns: number;
  /** Nodes that were taken away. */
  readonly interruptions: number;
  /** Requests that began anew because their replica was lost. */
  readonly retried: number;
  /** Ready replicas: over time, and at most. */
  readonly meanReady: number;
  readonly mostReady: number;
  /** Of all nodes, from the wish for each until its end or the last answer. */
  readonly gpuHours: number;
  readonly course: FleetCourse;
}

/** How a fleet went: its state from each change on, thinned where there were very many, and notices that a node is taken away. */
export interface FleetCourse {
  readonly points: readonly FleetPoint[];
  readonly notices: readonly FleetMark[];
}

export interface FleetPoint {
  readonly atMs: number;
  /** Replicas that take requests, and those that start. */
  readonly ready: number;
  readonly starting: number;
  /** From the wish for them to their end. */
  readonly nodes: number;
}

export interface FleetMark {
  readonly atMs: number;
}

export interface Slo {
  readonly ttftMs?: number | undefined;
  /** Bound of the mean time between tokens of a request. */
  readonly itlMs?: number | undefined;
}
