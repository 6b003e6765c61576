/** Signals that a scorer may declare; what no scorer reads is not gathered. */
export type SignalKey = 'in-flight' | 'kv-use' | 'queue' | 'prefix' | 'precise-prefix' | 'session' | 'prefix-key';

/** The request as a policy sees it. */
export interface PolicyRequest {
  readonly promptTokens: number;
  /** Tokens that the answer will probably have. */
  readonly outputTokens: number;
  /** What belongs together: a session, a conversation, a user. */
  readonly session: string | undefined;
  /** Signal `prefix-key`. */
  prefixKey(): number;
}

/** One endpoint as a policy sees it. */
export interface Candidate {
  readonly endpoint: string;
  /** Requests that it works on: those decided here and not ended, or those that it reports, whichever is more. */
  readonly inFlight: number;
  /** Share of the KV memory that running requests hold, from 0 to 1; 0 when unknown. */
  readonly kvUse: number;
  /** Prompt tokens of the requests decided here and not ended, which every step of its batch reads. */
  readonly contextTokens: number;
  /** Tokens that its KV memory holds; 0 when unknown. */
  readonly kvTokens: number;
  /** Predicted wait before a new prompt is computed, in milliseconds. */
  readonly queueMs: number;
  /** Prompt tokens that are probably in its cache; 0 unless a prefix signal is read. */
  readonly cachedTokens: number;
  /** Blocks that the index knows of it. */
  readonly indexBlocks: number;
  /** How slow it was in the past against the prediction; 1 as predicted. */
  readonly slowness: number;
}

export interface Scorer {
  readonly name: string;
  readonly reads: readonly SignalKey[];
  /** One number from 0 to 1 per candidate, in their order; more is better. */
  score(request: PolicyRequest, candidates: readonly Candidate[]): readonly number[];
}

/** Takes one of the candidates by their weighted totals; `random` gives a number from 0 to 1. */
export interface Picker {
  readonly name: string;
  pick(totals: readonly number[], candidates: readonly Candidate[], random: () => number): number;
}

/** What a policy chose and why. */
export interface Choice {
  readonly index: number;
  /** Per scorer, then per candidate. */
  readonly scores: ReadonlyMap<string, readonly number[]>;
  readonly totals: readonly number[];
  /** Half a sentence for a person. */
  readonly why: string;
}

/** Chooses among candidates; may hold state, such as a turn, so every model has its own. */
export interface Policy {
  readonly name: string;
  readonly reads: readonly SignalKey[];
  /** `candidates` is never empty. */
  choose(request: PolicyRequest, candidates: readonly Candidate[], random: () => number): Choice;
}
