import type { PromptFacts } from '../prompt/prompt-facts.ts';

/** What a route may look at. */
export interface RouteFacts {
  readonly requestId: string;
  /** The public name that was asked for. */
  readonly target?: string | undefined;
  readonly prompt: PromptFacts;
  readonly tenant?: string | undefined;
  readonly session?: string | undefined;
  readonly user?: string | undefined;
  /** Id of the key. */
  readonly key?: string | undefined;
  /** Lower-case names. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly path?: string | undefined;
  readonly method?: string | undefined;
  /** Without the question mark. */
  readonly query?: string | undefined;
  readonly operation?: string | undefined;
  readonly stream?: boolean | undefined;
  readonly tags?: readonly string[] | undefined;
  /** Claims of the caller's token. */
  readonly claims?: Readonly<Record<string, unknown>> | undefined;
  /** The body, parsed at the first call; called only where a condition reads it. */
  readonly body?: (() => Readonly<Record<string, unknown>>) | undefined;
}

/** The field `metadata` of the body; empty where there is none. */
export function metadataOf(facts: RouteFacts): Readonly<Record<string, unknown>> {
  const metadata = facts.body?.()['metadata'];
  return typeof metadata === 'object' && metadata !== null && !Array.isArray(metadata) ? (metadata as Record<string, unknown>) : {};
}
