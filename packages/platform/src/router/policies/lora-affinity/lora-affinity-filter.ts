import type { Filter } from '../../pick/filters.ts';
import type { RouterEndpoint } from '../../ports.ts';
import type { EndpointState } from '../../state/endpoint-state.ts';

interface Pair {
  readonly endpoint: RouterEndpoint;
  readonly state: EndpointState;
}

/** Keeps the replicas that have the adapter loaded; those with a free slot too while all of these have requests waiting. */
export function loraAffinityFilter(pairs: readonly Pair[], adapter: string): Filter {
  const classes = new Map(pairs.map(({ endpoint, state }) => [state, classOf(endpoint, adapter)]));
  const best = Math.max(...classes.values());
  const busy = pairs.every(({ endpoint, state }) => classes.get(state) !== 3 || endpoint.load().waiting > 0);
  const least = best === 3 && busy ? 2 : best;
  return { name: 'lora-affinity', failsOpen: true, keeps: (state) => (classes.get(state) ?? 0) >= least };
}

/** 3 loaded, 2 a free slot, 1 being loaded, 0 full; an endpoint that tells nothing takes any. */
function classOf(endpoint: RouterEndpoint, adapter: string): number {
  const slots = endpoint.adapters?.();
  if (slots === undefined) return 2;
  if (slots.running.includes(adapter)) return 3;
  if (slots.waiting.includes(adapter)) return 1;
  return slots.running.length + slots.waiting.length < slots.max ? 2 : 0;
}
