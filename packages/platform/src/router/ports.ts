import type { PromptFacts } from './prompt/prompt-facts.ts';

/** An endpoint that can be picked. An engine of `#engines` has this form. */
export interface RouterEndpoint {
  /** Unique in the platform. */
  readonly endpoint: string;
  /** What it reports of itself; the router's own decisions are counted beside it, never twice. */
  load(): RouterLoad;
  /** Tokens that its prefix cache can hold, where known. */
  readonly kvTokens?: number | undefined;
  /** Prompt tokens that its cache holds now, where it can tell exactly; only asked by `precise-prefix`. */
  readonly cachedTokens?: ((facts: PromptFacts) => number) | undefined;
}

export interface RouterLoad {
  readonly running: number;
  readonly waiting: number;
  readonly kvUse?: number;
  readonly kvBlocks?: number;
}
