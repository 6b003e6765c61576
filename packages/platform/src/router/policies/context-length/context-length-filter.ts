import type { Filter } from '../../pick/filters.ts';
import type { RouterEndpoint } from '../../ports.ts';
import type { EndpointState } from '../../state/endpoint-state.ts';

/** Keeps the replicas that are meant for requests of this many tokens, prompt and answer together; all of them where none is. */
export function contextLengthFilter(
  pairs: readonly { readonly endpoint: RouterEndpoint; readonly state: EndpointState }[],
  tokens: number,
): Filter | undefined {
  const outside = pairs.filter(({ endpoint: { contextRange: range } }) => range !== undefined && (tokens < range.min || tokens > range.max));
  if (outside.length === 0) return undefined;
  const out = new Set(outside.map(({ state }) => state));
  return { name: 'context-length', failsOpen: true, keeps: (state) => !out.has(state) };
}
