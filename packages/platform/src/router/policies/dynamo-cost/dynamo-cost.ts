import type { Candidate, PolicyRequest } from '../../policy/policy.ts';

export interface DynamoOptions {
  /** Credit per cached block on the GPU. */
  readonly overlapCredit?: number;
  /** How fast the credit fades where prompts already wait; 0 not at all. */
  readonly creditDecay?: number;
  readonly hostWeight?: number;
  readonly diskWeight?: number;
  readonly prefillScale?: number;
  readonly requestWeight?: number;
  /** Above 0 a candidate is drawn by softmax over normalised costs instead of the cheapest. */
  readonly temperature?: number;
}

export interface DynamoTerms {
  /** Blocks to compute, what waits there included, less the credit. */
  readonly prefillBlocks: number;
  /** Blocks of the different prompts in progress, with this one. */
  readonly decodeBlocks: number;
}

/** Tokens per block of the cost, as the default of the engines; only the proportion of the terms to `requestWeight` depends on it. */
const BLOCK_TOKENS = 16;

/** The two terms of the cost per candidate, in blocks. */
export function dynamoTerms(request: PolicyRequest, candidates: readonly Candidate[], options: DynamoOptions): DynamoTerms[] {
  const requestBlocks = Math.max(1, request.promptTokens / BLOCK_TOKENS);
  const leastPrefill = candidates.reduce((least, candidate) => Math.min(least, candidate.prefillTokens), Number.POSITIVE_INFINITY);
  return candidates.map((candidate) => {
    const excessBlocks = (candidate.prefillTokens - leastPrefill) / BLOCK_TOKENS;
    const decay = 1 / (1 + ((options.creditDecay ?? 0) * excessBlocks) / requestBlocks);
    const creditBlocks =
      ((options.overlapCredit ?? 1) * decay * candidate.cachedTokens +
        (options.hostWeight ?? 0.75) * candidate.hostCachedTokens +
        (options.diskWeight ?? 0.25) * candidate.diskCachedTokens) /
      BLOCK_TOKENS;
    const prefillBlocks = Math.max(0, candidate.prefillTokens / BLOCK_TOKENS + requestBlocks - creditBlocks);
    const newTokens = Math.max(0, request.promptTokens - candidate.activeMatchedTokens);
    return { prefillBlocks, decodeBlocks: (candidate.activeTokens + newTokens) / BLOCK_TOKENS };
  });
}
