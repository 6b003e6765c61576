/** What is known of a backend at the time of a decision. */
export interface BackendCandidate {
  readonly model: string;
  readonly weight: number | undefined;
  /** Level of failover; the lowest goes first. */
  readonly order: number;
  readonly rpm: number | undefined;
  readonly tpm: number | undefined;
  readonly maxParallel: number | undefined;
  /** Requests that run there now. */
  readonly inFlight: number;
  /** Peak EWMA of the time to the first token of a stream, in milliseconds; undefined while none was answered. */
  readonly firstTokenMs: number | undefined;
  /** The same of the time of an answer that came as a whole. */
  readonly answerMs: number | undefined;
  /** Of the last minute. */
  readonly usedRequests: number;
  readonly usedTokens: number;
  /** Expected cost of this request; undefined where no price is known. */
  readonly costNanoUsd: number | undefined;
  /** Share of its endpoints that do not rest, from 0 to 1. */
  readonly healthy: number;
  /** Share of its budget that is left, from 0 to 1; 1 without a budget. */
  readonly budgetLeft: number;
}

/** The request as a strategy sees it. */
export interface StrategyRequest {
  readonly promptTokens: number;
  readonly outputTokens: number;
  /** Longest time to the first token that the route wants, in milliseconds. */
  readonly sloTtftMs: number | undefined;
  /** Whether the client asks for a stream. */
  readonly streams: boolean;
}

type BackendSignal = 'weight' | 'limits' | 'in-flight' | 'latency' | 'usage' | 'cost' | 'health' | 'order' | 'budget';

interface StrategyChoice {
  readonly index: number;
  /** One number from 0 to 1 per candidate; more is better. The others are tried in this order when the first one fails. */
  readonly scores: readonly number[];
  /** Half a sentence for a person; empty where there is nothing to say. */
  readonly why: string;
}

/** Chooses among backends that may all answer: score, then pick. Holds no state; the same seed gives the same choice. */
export interface Strategy {
  readonly name: string;
  readonly reads: readonly BackendSignal[];
  /** Whether it sees all levels of `order` at once; others see the lowest one. */
  readonly seesAllLevels?: boolean;
  /** `candidates` is never empty; `random` gives a number from 0 (inclusive) to 1 (exclusive). */
  choose(request: StrategyRequest, candidates: readonly BackendCandidate[], random: () => number): StrategyChoice;
}
