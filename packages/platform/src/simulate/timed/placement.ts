import type { FlowSettings, PromptFacts, RouterEndpoint } from '#router';
import type { TraceRequest } from '../trace/trace-request.ts';

/** Where a request goes, and whoever decided it learns how it went. */
export interface Placed<E extends RouterEndpoint> {
  readonly endpoint: E;
  /** Prompt tokens that were expected to be in the cache there. */
  readonly expectedTokens: number;
  /** Told at once, where somebody wants to know. */
  firstToken?(): void;
  /** The endpoint went before the request had ended. */
  failed?(): void;
  ended(outcome: { readonly cachedTokens: number; readonly ttftMs: number; readonly outputTokens: number }): void;
}

/** Places requests among replicas: the router with one of its policies, or an experiment. */
export interface Placement {
  place<E extends RouterEndpoint>(request: TraceRequest, facts: PromptFacts, endpoints: readonly E[]): Placed<E>;
  /** Whether one of these can take more; asked where requests wait for room. */
  hasRoom?(endpoints: readonly RouterEndpoint[], saturation: FlowSettings['saturation']): boolean;
  /** An endpoint is gone, with its cache. */
  forget?(endpoint: string): void;
}

/** The facts that a policy may ask; the blocks of the trace stand for the hashes of its text. */
export function factsOf(request: TraceRequest, blockTokens: number): PromptFacts {
  // Engines only share full blocks; the last one of a prompt is mostly partial.
  const full = Math.floor(request.inputTokens / blockTokens);
  const blocks = request.blocks.length <= full ? request.blocks : request.blocks.slice(0, full);
  return {
    promptTokens: request.inputTokens,
    maxTokens: undefined,
    tools: false,
    images: false,
    blockTokens,
    features: () => undefined,
    difficulty: () => 0.5,
    complexity: () => 'moderate',
    blockHashes: () => blocks,
    prefixKey: () => request.blocks[0] ?? request.inputTokens,
  };
}
