import type { TwinProfile } from './profile.ts';

/** What one step of the engine computes. */
export interface StepWork {
  /** Prompt tokens computed in this step, over all sequences. */
  prefillTokens: number;
  /** Pairs of a new prompt token and a token that it attends to. */
  attentionPairs: number;
  /** Sequences that decode one token each. */
  decodeSequences: number;
  /** Context tokens of the decoding sequences, summed. */
  decodeContext: number;
  /** Drafted tokens that it checks beside those. */
  draftTokens?: number;
  /** Time that it takes beside all that: to draft, to bring in adapters. */
  addedMs?: number;
  /** Time in which blocks are brought back while it computes. */
  transferMs?: number;
}

/** Duration of a step in milliseconds: compute and weight reading overlap, attention and per-sequence work add. */
export function stepTimeMs(profile: TwinProfile, work: StepWork): number {
  const tokens = work.prefillTokens + work.decodeSequences + (work.draftTokens ?? 0);
  if (tokens === 0) return 0;
  const computeMs = (tokens * 1000) / profile.prefillTokensPerS;
  const stepMs =
    profile.stepOverheadMs +
    Math.max(profile.weightReadMs, computeMs) +
    (work.attentionPairs * profile.attentionNsPerPair + work.decodeContext * profile.kvReadNsPerToken) / 1e6 +
    work.decodeSequences * profile.perSequenceMs +
    (work.addedMs ?? 0);
  return work.transferMs === undefined ? stepMs : Math.max(stepMs, work.transferMs);
}
