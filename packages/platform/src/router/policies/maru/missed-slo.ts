import type { Slo } from '../../policy/policy.ts';
import { chanceAbove, chanceBetween } from './chance.ts';
import { type Batch, harmedAnswers } from './harmed-answers.ts';

/** What holds for all candidates of one decision. */
export interface Pool {
  /** Time to compute a usual prompt, where it is cached best. */
  readonly meanPrefillMs: number;
  /** By which a usual request slows the batch where it fits best, over its answer. */
  readonly meanDemandMs: number;
  /** Mean share of the time for which the endpoints compute prompts. */
  readonly prefillShare: number;
  /** The same over those that are not drowned in prompts. */
  readonly usualShare: number;
}

export interface Prediction {
  readonly ttftMs: number;
  readonly queueMs: number;
  /** To compute what is not cached of this prompt. */
  readonly ownMs: number;
  /** By which it slows the batch over its answer, and what its prompt displaces later. */
  readonly demandMs: number;
  /** Time between tokens if the batch stays as it is without this request and with it, and if nobody comes after it. */
  readonly itlMs: { readonly before: number; readonly after: number; readonly least: number };
  readonly batch: Batch;
}

/** Above this share of time for prompts, one more of them displaces another one. */
const FULL_PREFILL_SHARE = 0.7;
/** How sharply predictions near their bounds turn from kept to missed: of first tokens, of the pool, and of a batch whose future load is not known. */
const TTFT_SHARPNESS = 8;
const POOL_SHARPNESS = 8;
const CROWD_SHARPNESS = 12;
/** The same of the time between the tokens of this request if nobody comes after it. */
const OWN_SHARPNESS = 40;
/** An answer that has begun counts as so many requests that come: their own chance rests on the hope that the load falls. */
const BEGUN_WEIGHT = 3;

/** Requests that miss their SLO because of one choice. */
export interface MissedSlo {
  /** By their first tokens: this request, and prompts that find the place of this one taken. What decides them is there already. */
  readonly firstTokens: number;
  /** Also by the times between their tokens, which those decide that are still to come. */
  readonly all: number;
  /** Chance that this request misses it even if nobody comes after it. */
  readonly lost: number;
}

/**
 * Expected number of requests that miss their SLO because of this choice: this one, those in the batch that would not have
 * missed it otherwise, and those that come later and find their place taken on an endpoint that still meets it.
 */
export function missedSlo(slo: Slo, prediction: Prediction, pool: Pool): MissedSlo {
  const { itlMs, batch } = prediction;
  const late = chanceAbove(prediction.ttftMs, slo.ttftMs, TTFT_SHARPNESS);
  const slow = chanceBetween(itlMs.least, itlMs.after, slo.itlMs);
  const slowBefore = chanceBetween(itlMs.least, itlMs.before, slo.itlMs);
  const lateBefore = chanceAbove(prediction.queueMs + pool.meanPrefillMs, slo.ttftMs, TTFT_SHARPNESS);
  const prompts = pool.meanPrefillMs === 0 ? 0 : prediction.ownMs / pool.meanPrefillMs;
  const answers = pool.meanDemandMs === 0 ? 0 : prediction.demandMs / pool.meanDemandMs;
  const displaced = chanceAbove(pool.prefillShare, FULL_PREFILL_SHARE, POOL_SHARPNESS) * prompts;
  const crowded = chanceAbove(itlMs.after, slo.itlMs, CROWD_SHARPNESS) * answers;
  const kept = (1 - slowBefore) * (1 - lateBefore);
  return {
    firstTokens: late + displaced * kept,
    all: 1 - (1 - late) * (1 - slow) + BEGUN_WEIGHT * harmedAnswers(slo.itlMs, batch) + (displaced + crowded) * kept,
    lost: 1 - (1 - late) * (1 - chanceAbove(itlMs.least, slo.itlMs, OWN_SHARPNESS)),
  };
}
