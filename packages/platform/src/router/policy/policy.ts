import type { CostRates } from './cost-rates.ts';

/** Signals that a scorer may declare; what no scorer reads is not gathered. */
export type SignalKey =
  | 'in-flight'
  | 'waiting'
  | 'kv-use'
  | 'queue'
  | 'active-prefill'
  | 'active-blocks'
  | 'prefix'
  | 'precise-prefix'
  | 'session'
  | 'prefix-key';

/** What a route promises of its answers, in milliseconds. */
export interface Slo {
  readonly ttftMs?: number | undefined;
  /** Mean time between two tokens of one answer. */
  readonly itlMs?: number | undefined;
}

/** The request as a policy sees it. */
export interface PolicyRequest {
  readonly promptTokens: number;
  /** Tokens that the answer will probably have. */
  readonly outputTokens: number;
  /** What belongs together: a session, a conversation, a user. */
  readonly session: string | undefined;
  readonly slo?: Slo | undefined;
  /** Signal `prefix-key`. */
  prefixKey(): number;
}

/** One endpoint as a policy sees it. Signals that the policy does not read are 0. */
export interface Candidate {
  readonly endpoint: string;
  /** Requests that it works on: those decided here and not ended, or those that it reports, whichever is more. */
  readonly inFlight: number;
  /** Requests that it reports as waiting. */
  readonly waiting: number;
  /** Share of the KV memory that running requests hold, from 0 to 1; 0 when unknown. */
  readonly kvUse: number;
  /** Prompt tokens of the requests decided here and not ended, which every step of its batch reads. */
  readonly contextTokens: number;
  /** Of these, those that were not in its cache and take memory of their own. */
  readonly uncachedTokens: number;
  /** Tokens that its KV memory holds; 0 when unknown. */
  readonly kvTokens: number;
  /** Predicted wait before a new prompt is computed, in milliseconds. */
  readonly queueMs: number;
  /** Prompts decided here whose first token has not come. */
  readonly prefilling: number;
  /** Means over the requests that decode: since their first tokens, and the tokens that they probably have. */
  readonly decoded: { readonly ms: number; readonly tokens: number };
  /** Prompt tokens decided here that are still to be computed. */
  readonly prefillTokens: number;
  /** Share of the last seconds for which prompts were sent to it; above 1 they come faster than it computes them. */
  readonly prefillShare: number;
  /** Tokens of the different prompt blocks that it works on; signal `active-blocks`. */
  readonly activeTokens: number;
  /** Of this prompt, tokens that are among them. */
  readonly activeMatchedTokens: number;
  /** Prompt tokens that are probably in its cache; 0 unless a prefix signal is read. */
  readonly cachedTokens: number;
  /** Beyond these, tokens that it can fetch from the memory of its host, and from its disk. */
  readonly hostCachedTokens: number;
  readonly diskCachedTokens: number;
  /** Blocks that the index knows of it. */
  readonly indexBlocks: number;
  /** Share of the index that is in use, from 0 to 1: where it is full, new blocks displace others. */
  readonly cacheFill: number;
  /** Tokens found in its cache per token that it computed, smoothed: what a token in its cache earns. */
  readonly cacheYield: number;
  /** Price of this request there, in nano-USD; 0 where none is told. */
  readonly costNanoUsd: number;
  /** How fast it is, as learned; undefined where nothing is learned. */
  readonly rates: CostRates | undefined;
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
  /** What the total of a candidate is made of, in milliseconds, by its place; absent where a policy does not reckon in time. */
  readonly costMs?: (place: number) => Readonly<Record<string, number>>;
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
