import type { Filter } from '../pick/filters.ts';
import type { RouterEndpoint } from '../ports.ts';
import type { EndpointState } from '../state/endpoint-state.ts';
import { isFull, type RoomContext } from './has-room.ts';

interface Pair {
  readonly endpoint: RouterEndpoint;
  readonly state: EndpointState;
}

/** Takes out endpoints that are full: requests that waited for room must go where it is. Undefined where none is, as mostly. */
export function fullFilter(pairs: readonly Pair[], context: Omit<RoomContext, 'stateOf' | 'nowMs'>): Filter | undefined {
  if (pairs.length < 2) return undefined;
  let full: Set<EndpointState> | undefined;
  for (const { endpoint, state } of pairs) {
    if (!isFull(endpoint, state, context)) continue;
    full ??= new Set();
    full.add(state);
  }
  const out = full;
  return out === undefined ? undefined : { name: 'full', failsOpen: true, keeps: (state) => !out.has(state) };
}
