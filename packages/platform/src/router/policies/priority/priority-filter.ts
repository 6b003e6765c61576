import type { Filter } from '../../pick/filters.ts';
import type { RouterEndpoint } from '../../ports.ts';
import type { EndpointState } from '../../state/endpoint-state.ts';

/** Waiting requests and KV use at which an endpoint counts as saturated. */
const FULL_QUEUE = 5;
const FULL_KV_USE = 0.8;

/**
 * Keeps replicas that are reserved for higher priorities out of the way of lower ones; a request of negative priority also
 * leaves out those that are saturated, as long as others are there.
 */
export function priorityFilter(pairs: readonly { readonly endpoint: RouterEndpoint; readonly state: EndpointState }[], priority: number): Filter | undefined {
  const closed = pairs.filter(
    ({ endpoint }) => (endpoint.minPriority !== undefined && priority < endpoint.minPriority) || (priority < 0 && saturation(endpoint) >= 1),
  );
  if (closed.length === 0) return undefined;
  const out = new Set(closed.map(({ state }) => state));
  return { name: 'priority', failsOpen: true, keeps: (state) => !out.has(state) };
}

function saturation(endpoint: RouterEndpoint): number {
  const { waiting, kvUse } = endpoint.load();
  return Math.max(waiting / FULL_QUEUE, (kvUse ?? 0) / FULL_KV_USE);
}
