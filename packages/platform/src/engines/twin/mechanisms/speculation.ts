import type { TwinMechanisms } from '@maru/api/resources';
import { createRandom } from '#time';
import type { Sequence } from '../sequence.ts';

/** Adds up over the life of an engine, as `vllm:spec_decode_num_*`. */
interface SpeculationCounters {
  drafts: number;
  draftTokens: number;
  acceptedTokens: number;
  /** Accepted at each place of a draft. */
  readonly acceptedAt: number[];
}

/** Tokens that a small model drafts for a decoding sequence, and that the engine checks in one step. */
export interface Speculation {
  readonly draftMs: number;
  readonly counters: Readonly<SpeculationCounters>;
  /** Tokens to draft for a sequence; never more than it still has to generate after its next one. */
  drafts(sequence: Sequence): number;
  /** How many of these drafted tokens the engine accepts: the first that it does not ends it. */
  accepted(drafts: number): number;
}

/** The same seed gives the same fates of drafts, in the order in which they are asked for. */
export function createSpeculation(options: NonNullable<TwinMechanisms['speculation']>): Speculation {
  const random = createRandom(options.seed);
  const counters: SpeculationCounters = { drafts: 0, draftTokens: 0, acceptedTokens: 0, acceptedAt: Array.from({ length: options.tokens }, () => 0) };
  return {
    draftMs: options.draftMs,
    counters,
    drafts: (sequence) => Math.max(0, Math.min(options.tokens, sequence.outputTokens - sequence.generated - 1)),
    accepted: (drafts) => {
      let count = 0;
      while (count < drafts && random() < options.acceptance) {
        counters.acceptedAt[count] = (counters.acceptedAt[count] ?? 0) + 1;
        count += 1;
      }
      counters.drafts += 1;
      counters.draftTokens += drafts;
      counters.acceptedTokens += count;
      return count;
    },
  };
}
