import type { MergedConfig } from './merge-includes.ts';
import type { Notices } from './notices.ts';
import type { Variables } from './variables.ts';

/** What the cache and the guardrails of every Route are made of. */
export interface RouteExtrasOptions {
  readonly config: MergedConfig;
  readonly variables: Variables;
  readonly notices: Notices;
  /** The Model behind a `model_name`. */
  readonly modelOf: (group: string) => string | undefined;
}
