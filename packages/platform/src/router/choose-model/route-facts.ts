import type { PromptFacts } from '../prompt/prompt-facts.ts';

/** What a route may look at. */
export interface RouteFacts {
  readonly requestId: string;
  readonly prompt: PromptFacts;
  readonly tenant?: string | undefined;
  readonly session?: string | undefined;
  readonly user?: string | undefined;
  /** Lower-case names. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
}
