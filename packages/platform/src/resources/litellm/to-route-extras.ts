import type { RouteExtrasOptions } from './route-extras-options.ts';
import { toCache } from './to-cache.ts';
import { toGuardrails } from './to-guardrails.ts';

/** What every Route gets: cache and guardrails. */
export function toRouteExtras(options: RouteExtrasOptions) {
  const cache = toCache(options);
  const guardrails = toGuardrails(options);
  return { ...(cache === undefined ? {} : { cache }), ...(guardrails.length === 0 ? {} : { guardrails }) };
}
