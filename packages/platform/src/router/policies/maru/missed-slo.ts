import type { Slo } from '../../policy/policy.ts';

/** What holds for all candidates of one decision. */
export interface Pool {
  /** Time to compute a usual prompt, where it is cached best. */
  readonly meanPrefillMs: number;
  /** Mean share of the time for which the endpoints compute prompts. */
  readonly prefillShare: number;
}

/** How fast a batch decodes: its step, and the share of the time in which it is not held up by prompts. */
interface Pace {
  readonly stepMs: number;
  readonly decodeShare: number;
}

export interface Prediction {
  readonly ttftMs: number;
  readonly queueMs: number;
  /** To compute what is not cached of this prompt. */
  readonly ownMs: number;
  /** By which its prompt holds up each of the others, once. */
  readonly holdsUpMs: number;
  /** Without this request and with it. */
  readonly before: Pace;
  readonly after: Pace;
  /** Requests there that decode. */
  readonly others: number;
  /** Means over them: time spent on their tokens, and tokens that they have. */
  readonly decoded: { readonly ms: number; readonly tokens: number };
  readonly outputTokens: number;
}

/** Above this share of time for prompts, one more of them displaces another one. */
const FULL_PREFILL_SHARE = 0.7;
/** How sharply a prediction near its bound turns from kept to missed; times between tokens are predicted better than first tokens. */
const TTFT_SHARPNESS = 8;
const ITL_SHARPNESS = 24;
const POOL_SHARPNESS = 8;
/** A smaller chance is none. */
const IGNORED = 0.05;

/**
 * Expected number of requests that miss their SLO because of this choice: this one, those in the batch that would not have
 * missed it otherwise, and, where the pool is full, those whose place it takes on an endpoint that still meets it.
 */
export function missedSlo(slo: Slo, prediction: Prediction, pool: Pool): number {
  const late = chanceAbove(prediction.ttftMs, slo.ttftMs, TTFT_SHARPNESS);
  const { before, after } = prediction;
  const slow = chanceAbove(after.stepMs / after.decodeShare, slo.itlMs, ITL_SHARPNESS);
  const slowBefore = chanceAbove(before.stepMs / before.decodeShare, slo.itlMs, ITL_SHARPNESS);
  const othersSlow = chanceAbove(meanItl(prediction, after, prediction.holdsUpMs), slo.itlMs, ITL_SHARPNESS);
  const othersSlowBefore = chanceAbove(meanItl(prediction, before, 0), slo.itlMs, ITL_SHARPNESS);
  const lateBefore = chanceAbove(prediction.queueMs + pool.meanPrefillMs, slo.ttftMs, TTFT_SHARPNESS);
  const places = pool.meanPrefillMs === 0 ? 0 : prediction.ownMs / pool.meanPrefillMs;
  const displaced = chanceAbove(pool.prefillShare, FULL_PREFILL_SHARE, POOL_SHARPNESS) * places * (1 - slowBefore) * (1 - lateBefore);
  return 1 - (1 - late) * (1 - slow) + prediction.others * Math.max(0, othersSlow - othersSlowBefore) + displaced;
}

/** Of those that decode already, over their whole answers: the tokens that they have at their pace, the rest at this one. */
function meanItl({ decoded, outputTokens }: Prediction, pace: Pace, heldUpMs: number): number {
  const tokens = Math.max(1, outputTokens, decoded.tokens);
  const decodeMs = decoded.ms + (tokens - decoded.tokens) * pace.stepMs;
  return (decodeMs / pace.decodeShare + heldUpMs) / tokens;
}

/** Chance that what is predicted turns out above its bound: a half at the bound. */
function chanceAbove(predicted: number, bound: number | undefined, sharpness: number): number {
  if (bound === undefined) return 0;
  const odds = (predicted / bound) ** sharpness;
  const chance = odds === Number.POSITIVE_INFINITY ? 1 : odds / (1 + odds);
  return Math.max(0, (chance - IGNORED) / (1 - IGNORED));
}
