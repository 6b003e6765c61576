import type { Breaker } from '../health/endpoint-health.ts';
import type { CostRates } from '../policy/cost-rates.ts';
import type { EndpointState } from './endpoint-state.ts';

/** How good the predictions for one endpoint were. */
export interface Calibration {
  readonly endpoint: string;
  readonly decisions: number;
  /** Decisions whose realised hit is known. */
  readonly joined: number;
  readonly inFlight: number;
  readonly expectedCachedTokens: number;
  readonly realisedCachedTokens: number;
  /** Prompt tokens of the joined decisions, and the sum of |expected − realised| over them. */
  readonly joinedPromptTokens: number;
  readonly absoluteHitErrorTokens: number;
  /** Mean of |expected − realised| per prompt token, from 0 to 1; null when nothing was joined. */
  readonly hitError: number | null;
  /** Realised over matched cached tokens, smoothed. */
  readonly trust: number;
  /** Realised over predicted time to first token, smoothed. */
  readonly slowness: number;
  /** |realised − predicted| time to first token in milliseconds, smoothed. */
  readonly ttftErrorMs: number;
  /** Decisions whose first token was predicted and seen; over them the sums of both times and of |realised − predicted|. */
  readonly timed: number;
  readonly predictedTtftMs: number;
  readonly realisedTtftMs: number;
  readonly absoluteTtftErrorMs: number;
  /** How fast it is, as learned from its answers. */
  readonly rates: CostRates;
  readonly coolingDown: boolean;
  readonly breaker: Breaker;
  readonly indexBlocks: number;
  /** Tokens per block of the index. */
  readonly blockTokens: number;
  readonly indexBytes: number;
}

export function calibrationOf(state: EndpointState, nowMs: number): Calibration {
  return {
    endpoint: state.endpoint,
    decisions: state.decisions,
    joined: state.joined,
    inFlight: state.work.inFlight,
    expectedCachedTokens: state.expectedTokens,
    realisedCachedTokens: state.realisedTokens,
    joinedPromptTokens: state.joinedPromptTokens,
    absoluteHitErrorTokens: state.absoluteErrorTokens,
    hitError: state.joinedPromptTokens === 0 ? null : state.absoluteErrorTokens / state.joinedPromptTokens,
    trust: state.trust,
    slowness: state.slowness,
    ttftErrorMs: state.ttftErrorMs,
    timed: state.timed,
    predictedTtftMs: state.predictedTtftMs,
    realisedTtftMs: state.realisedTtftMs,
    absoluteTtftErrorMs: state.absoluteTtftErrorMs,
    rates: state.work.rates,
    coolingDown: state.health.resting(nowMs),
    breaker: state.health.describe(nowMs),
    indexBlocks: state.index.size,
    blockTokens: state.blockTokens,
    indexBytes: state.index.bytes,
  };
}
