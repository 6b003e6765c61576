import type { Sequence } from './sequence.ts';
import type { StepWork } from './step-time.ts';

/** How far layers look back: a share of them to the beginning, the others over a window. */
export interface AttentionReach {
  readonly windowTokens: number;
  readonly fullShare: number;
}

/** Adds what a scheduled sequence computes to a step, or takes it away again with a `sign` of -1. */
export function addWork(work: StepWork, sequence: Sequence, options: { readonly reach: AttentionReach | undefined; readonly sign: 1 | -1 }): void {
  const { reach, sign } = options;
  const { scheduled, computed } = sequence;
  if (sequence.drafts > 0) work.draftTokens = (work.draftTokens ?? 0) + sign * sequence.drafts;
  if (scheduled === 1 && sequence.generated > 0) {
    work.decodeSequences += sign;
    work.decodeContext += sign * (reach === undefined ? computed + 1 : seen(computed + 1, reach));
    return;
  }
  work.prefillTokens += sign * scheduled;
  work.attentionPairs += sign * (reach === undefined ? scheduled * (computed + scheduled / 2) : pairs(computed, scheduled, reach));
}

const seen = (context: number, { windowTokens, fullShare }: AttentionReach): number => fullShare * context + (1 - fullShare) * Math.min(context, windowTokens);

function pairs(computed: number, tokens: number, { windowTokens, fullShare }: AttentionReach): number {
  const growing = Math.min(tokens, Math.max(0, windowTokens - computed));
  const windowed = growing * (computed + growing / 2) + (tokens - growing) * windowTokens;
  return fullShare * tokens * (computed + tokens / 2) + (1 - fullShare) * windowed;
}
