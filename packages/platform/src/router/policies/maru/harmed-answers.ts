import { chanceAbove } from './chance.ts';

/** The answers that an endpoint is giving, and what one more request does to them. Times in milliseconds. */
export interface Batch {
  /** Requests there that decode. */
  readonly others: number;
  /** Means over them: time since their first tokens, and tokens that they have. */
  readonly decoded: { readonly ms: number; readonly tokens: number };
  readonly outputTokens: number;
  /** A step without any of them, what all of them add to it, and what this request adds. */
  readonly emptyStepMs: number;
  readonly othersStepMs: number;
  readonly ownStepMs: number;
  /** Share of its time for which it decodes. */
  readonly decodeShare: number;
  /** By which the prompt of this request holds up each of them, once. */
  readonly holdsUpMs: number;
}

/** How sharply the mean time between the tokens of an answer turns from kept to missed near its bound. */
const SHARPNESS = 68;
/** The answers stand for four groups of the same size, by how much of them is left. */
const GROUPS = [1 / 8, 3 / 8, 5 / 8, 7 / 8];

/**
 * Expected number of answers that would keep their time between tokens without this request and miss it with it. Their
 * progress is taken to be spread evenly around its mean, and nobody else to come: those that end make the rest faster.
 */
export function harmedAnswers(bound: number | undefined, batch: Batch): number {
  const { others, decoded, ownStepMs, decodeShare } = batch;
  if (bound === undefined || others === 0) return 0;
  const tokens = Math.max(1, batch.outputTokens, decoded.tokens);
  const half = Math.min(decoded.tokens, tokens - decoded.tokens);
  const least = tokens - decoded.tokens - half;
  const msPerToken = decoded.tokens === 0 ? 0 : decoded.ms / decoded.tokens;
  let harmed = 0;
  for (const group of GROUPS) {
    const left = least + group * 2 * half;
    const stepMs = batch.emptyStepMs + batch.othersStepMs * company(left, least, 2 * half);
    const before = (tokens - left) * msPerToken + (left * stepMs) / decodeShare;
    const after = before + (left * ownStepMs) / decodeShare + batch.holdsUpMs;
    harmed += chanceAbove(after / tokens, bound, SHARPNESS) - chanceAbove(before / tokens, bound, SHARPNESS);
  }
  // Two chances of nearly 1 may differ by an error of rounding.
  return (others * Math.max(0, harmed)) / GROUPS.length;
}

/** Mean share of the batch that is still there over the next `left` steps, while it ends evenly between `least` and `least + width`. */
function company(left: number, least: number, width: number): number {
  if (width < 1 || left < 1) return 1;
  return ((left * left - least * least) / 2 + left * (least + width - left)) / (width * left);
}
