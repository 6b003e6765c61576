/** One request of a trace. */
export interface TraceRequest {
  /** From the start of the trace; of one that waits for others, the earliest. */
  readonly atMs: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** Ids of the blocks of the prompt, each standing for all before it too; empty where the trace tells nothing of prefixes. */
  readonly blocks: readonly number[];
  /** By which others wait for it; several may share one, and all of them are waited for. */
  readonly id?: string;
  /** What belongs together: a conversation, a run of an agent. */
  readonly session?: string;
  /** It is sent when these have ended, which stand before it in the trace, and `delayMs` later. */
  readonly after?: readonly string[];
  readonly delayMs?: number;
  /** The lower, the sooner, where the gateway or the engine goes by priority; 0 where absent. */
  readonly priority?: number;
  /** Who sends it; the gateway lets tenants take turns. */
  readonly tenant?: string;
  /** Time after which its first token is of no use to it: it does not wait in the gateway for longer. */
  readonly firstTokenWithinMs?: number;
  /** LoRA adapter that it needs. */
  readonly adapter?: string;
  /** Part of the trace that is also measured on its own; parts follow one another. */
  readonly stage?: string;
}

/** Requests in order of time, read as they are needed; each iteration begins anew. */
export interface RequestSource {
  /** Tokens per block. */
  readonly blockTokens: number;
  readonly requests: Iterable<TraceRequest>;
}

/** A trace that is held in memory. */
export interface Trace extends RequestSource {
  readonly format: TraceFormat;
  readonly requests: readonly TraceRequest[];
}

export type TraceFormat = 'mooncake' | 'azure';

/** A trace in a file, of any length. */
export interface TraceFile extends RequestSource {
  readonly format: TraceFormat;
  readonly count: number;
  /** When the last of its requests arrives. */
  readonly lastMs: number;
}
