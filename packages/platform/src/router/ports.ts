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
}

export interface RouterLoad {
  readonly running: number;
  readonly waiting: number;
  readonly kvUse?: number;
  readonly kvBlocks?: number;
}
