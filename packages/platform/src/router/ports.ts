import type { PromptFacts } from './prompt/prompt-facts.ts';

/** An endpoint that can be picked. An engine of `#engines` has this form. */
export interface RouterEndpoint {
  /** Unique in the platform. */
  readonly endpoint: string;
  /** What it reports of itself; the router's own decisions are counted beside it, never twice. */
  load(): RouterLoad;
  /** Tokens that its prefix cache can hold, where known. */
  readonly kvTokens?: number | undefined;
  /** Prompt tokens that its cache holds now, where it can tell exactly; undefined where it can not tell for this prompt. Asked by `precise-prefix`. */
  readonly cachedTokens?: ((facts: PromptFacts) => number | undefined) | undefined;
  /** Its cache is followed by events, so every policy that reads a prefix asks `cachedTokens` and falls back to the router's own index. */
  readonly followed?: boolean | undefined;
  /** Prompt tokens beyond these that it holds outside of its GPU, where it can tell. */
  readonly offloadedTokens?: ((facts: PromptFacts) => { readonly host: number; readonly disk: number }) | undefined;
  /** LoRA adapters that it has loaded, is loading, and how many it can hold; it takes any where absent. */
  readonly adapters?: (() => AdapterSlots | undefined) | undefined;
  /** Why it should get nothing while others are there, for example that it lies about itself; undefined where nothing is wrong. */
  readonly suspect?: (() => string | undefined) | undefined;
  /** Prompts and answers together of this many tokens are meant for it. */
  readonly contextRange?: { readonly min: number; readonly max: number } | undefined;
  /** Kept for requests of this priority and above; 0 where absent. */
  readonly minPriority?: number | undefined;
  /** What a request costs there, in nano-USD, where that differs among the endpoints. */
  readonly costNanoUsd?: ((tokens: { readonly uncached: number; readonly cached: number; readonly output: number }) => number) | undefined;
}

interface AdapterSlots {
  readonly max: number;
  readonly running: readonly string[];
  readonly waiting: readonly string[];
}

export interface RouterLoad {
  readonly running: number;
  readonly waiting: number;
  readonly kvUse?: number;
  readonly kvBlocks?: number;
  /** Whether this is what the endpoint says of itself: `stale` where it should and does not, absent where it never does. */
  readonly reports?: 'fresh' | 'stale';
}
