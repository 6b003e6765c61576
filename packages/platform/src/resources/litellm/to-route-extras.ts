import type { MergedConfig } from './merge-includes.ts';
import type { Notices } from './notices.ts';
import { toCache } from './to-cache.ts';
import { toGuardrails } from './to-guardrails.ts';
import type { Variables } from './variables.ts';

export interface RouteExtrasOptions {
  readonly config: MergedConfig;
  readonly variables: Variables;
  readonly notices: Notices;
  /** The Model behind a `model_name`. */
  readonly modelOf: (group: string) => string | undefined;
}

/** What every Route gets: cache and guardrails. */
export function toRouteExtras(options: RouteExtrasOptions) {
  const cache = toCache(options);
  const guardrails = toGuardrails(options);
  return { ...(cache === undefined ? {} : { cache }), ...(guardrails.length === 0 ? {} : { guardrails }) };
}
